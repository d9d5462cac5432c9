import { expect, test } from '@jest/globals';
import { createEndFollower } from '../../../web/src/chat/end-follower.ts';

const viewport = 500;

/** A list of some height, which a reader scrolls, and which goes to its end when the follower says so. */
const createTrial = (size = 2_000) => {
  let at = 0;
  const follower = createEndFollower(() => at);
  const list = { size, offset: size - viewport };
  const place = () => ({ ...list, viewport });
  const tell = () => follower.scrolled(place());
  const toEnd = () => {
    if (!follower.follows()) return;
    list.offset = list.size - viewport;
    tell();
  };
  tell();
  return {
    follower,
    place,
    isAtEnd: () => list.offset === list.size - viewport,
    passMs(ms: number) {
      at += ms;
    },
    scroll(by: number) {
      list.offset = Math.max(0, Math.min(list.size - viewport, list.offset + by));
      tell();
    },
    grow(by: number) {
      list.size += by;
      toEnd();
    },
    /** The list goes to its end, and its scroll is told of with the next. */
    growUnheard(by: number) {
      list.size += by;
      list.offset += by;
      follower.moved(place());
    },
    /** Rows above are measured anew: the list moves with them. */
    measureAbove(by: number) {
      list.size += by;
      list.offset += by;
      tell();
    },
  };
};

test('the end is followed while the reader is there', () => {
  const list = createTrial();
  for (let round = 0; round < 5; round++) list.grow(40);
  list.grow(-30);
  expect(list.isAtEnd()).toBe(true);
  expect(list.follower.isShort(list.place())).toBe(false);
  expect(list.follower.isShort({ ...list.place(), size: list.place().size + 20 })).toBe(true);
});

test('a wheel that turns up lets go, however little', () => {
  const list = createTrial();
  list.follower.turnedUp(list.place());
  list.grow(40);
  list.scroll(-1);
  list.grow(40);
  expect(list.isAtEnd()).toBe(false);
  expect(list.follower.follows()).toBe(false);
});

test('a wheel that turns up as the list goes to its end lets go, though one scroll tells of both', () => {
  const list = createTrial();
  list.follower.turnedUp(list.place());
  list.growUnheard(100);
  list.scroll(0);
  list.scroll(-40);
  list.grow(40);
  expect(list.follower.follows()).toBe(false);
});

test('rows that move below one who has just scrolled up a little bring nobody back', () => {
  const list = createTrial();
  list.follower.turnedUp(list.place());
  list.scroll(-30);
  list.measureAbove(20);
  list.grow(5);
  expect(list.follower.follows()).toBe(false);
});

test('a wheel that turns up where there is nothing above changes nothing', () => {
  const list = createTrial(viewport);
  list.follower.turnedUp(list.place());
  list.grow(300);
  expect(list.isAtEnd()).toBe(true);
});

test('a slow drag of the scrollbar is not pulled back, while it goes on and after it', () => {
  const list = createTrial();
  list.follower.hold();
  for (let step = 0; step < 20; step++) {
    list.passMs(400);
    list.scroll(-1);
    list.grow(5);
    expect(list.isAtEnd()).toBe(false);
  }
  expect(list.follower.release()).toBe(false);
  list.passMs(5_000);
  list.grow(40);
  expect(list.isAtEnd()).toBe(false);
});

test('a scroll up that no input announced lets go', () => {
  const list = createTrial();
  list.grow(40);
  list.scroll(-5);
  list.grow(40);
  expect(list.isAtEnd()).toBe(false);
});

test('a list that is held stands still, and shows its end when it is let go', () => {
  const list = createTrial();
  list.follower.hold();
  list.grow(40);
  expect(list.isAtEnd()).toBe(false);
  expect(list.follower.release()).toBe(true);
});

test('a key that scrolls up lets go, one that does not changes nothing', () => {
  const list = createTrial();
  list.follower.input();
  list.grow(40);
  expect(list.follower.follows()).toBe(true);
  list.scroll(-30);
  expect(list.follower.follows()).toBe(false);
});

test('moves of the list itself let nobody go, right after an input too', () => {
  const list = createTrial();
  list.follower.input();
  list.measureAbove(-200);
  list.measureAbove(300);
  list.passMs(5_000);
  list.scroll(-1);
  list.scroll(1);
  list.grow(40);
  expect(list.isAtEnd()).toBe(true);
});

test('one who comes back near the end, or asks for it, is followed again', () => {
  const list = createTrial();
  list.follower.input();
  list.scroll(-300);
  list.follower.input();
  list.scroll(100);
  expect(list.follower.follows()).toBe(false);
  expect(list.follower.isAway(list.place())).toBe(true);
  list.scroll(160);
  expect(list.follower.follows()).toBe(true);
  list.scroll(-300);
  list.follower.goToEnd();
  list.grow(40);
  expect(list.isAtEnd()).toBe(true);
});
