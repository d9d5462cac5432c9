import {
  type PointerEvent as ReactPointerEvent,
  type WheelEvent as ReactWheelEvent,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import type { VListHandle } from 'virtua';
import { createEndFollower, type EndFollower, type Place } from './end-follower.ts';
import type { Row } from './rows.ts';

interface List {
  readonly handle: RefObject<VListHandle | null>;
  /** Around the list, and as high as it is. */
  readonly pane: RefObject<HTMLElement | null>;
}

/**
 * The height is that of the element: the list learns of it after the scroll that a change of it brings about, and that
 * would look like one of the reader.
 */
const placeOf = ({ handle: { current: handle }, pane: { current: pane } }: List): Place | undefined =>
  handle && pane
    ? { offset: handle.scrollOffset, size: handle.scrollSize, viewport: pane.clientHeight }
    : undefined;

/**
 * The list's own scroll to its end goes on for as long as rows grow, and would pull back who scrolls meanwhile. Only another
 * one takes it back: a smooth one to where the list stands ends at once.
 */
const endScroll = ({ handle: { current: handle } }: List): void =>
  handle?.scrollToIndex(0, { smooth: true, offset: handle.scrollOffset });

/** About a second: a list that still is not at its end then cannot come nearer. */
const maxChecks = 60;

/** What the reader does that may scroll the list. */
const useReader = (follower: EndFollower, list: List, toEnd: () => void) => {
  const release = useCallback(() => {
    if (follower.release()) toEnd();
  }, [follower, toEnd]);

  useEffect(() => {
    // A scrollbar may keep the end of its drag to itself.
    const onMove = ({ buttons, pointerType }: PointerEvent) => {
      if (buttons === 0 && pointerType !== 'touch') release();
    };
    addEventListener('pointerup', release);
    addEventListener('pointermove', onMove);
    addEventListener('blur', release);
    return () => {
      removeEventListener('pointerup', release);
      removeEventListener('pointermove', onMove);
      removeEventListener('blur', release);
    };
  }, [release]);

  return {
    onWheel({ deltaY, ctrlKey }: ReactWheelEvent) {
      const place = placeOf(list);
      if (deltaY < 0 && !ctrlKey && place) follower.turnedUp(place);
      else follower.input();
    },
    // Of a finger: its pointer is cancelled as soon as it scrolls.
    onTouchStart: follower.hold,
    onTouchEnd: release,
    onTouchCancel: release,
    onPointerDown({ pointerType }: ReactPointerEvent) {
      if (pointerType === 'touch') return;
      endScroll(list);
      follower.hold();
    },
    onKeyDown: follower.input,
  };
};

/** The reader who is at the end stays there, whatever grows; one who scrolled up is left alone. */
export const useStayAtEnd = (handle: List['handle'], rows: readonly Row[]) => {
  const pane = useRef<HTMLElement>(null);
  const [list] = useState<List>({ handle, pane });
  const [follower] = useState(() => createEndFollower());
  const [isAway, setAway] = useState(false);
  const last = useRef(0);
  const frame = useRef<number>(undefined);
  const toEnd = useCallback(() => {
    const scroll = () => handle.current?.scrollToIndex(last.current, { align: 'end' });
    /** The list may know of its height frames before it has it: until then the end is not there. */
    const checkNext = (left: number) => {
      frame.current = requestAnimationFrame(() => {
        frame.current = undefined;
        const place = placeOf(list);
        if (!place || !follower.isShort(place)) return;
        scroll();
        if (left > 0) checkNext(left - 1);
      });
    };
    scroll();
    if (frame.current === undefined) checkNext(maxChecks);
  }, [follower, handle, list]);
  useEffect(() => () => cancelAnimationFrame(frame.current ?? 0), []);
  const reader = useReader(follower, list, toEnd);

  // What grows tells of it by `onResize`: to scroll here as well would lay out the page twice for each frame.
  const count = rows.length;
  useLayoutEffect(() => {
    last.current = count - 1;
    if (follower.follows()) toEnd();
  }, [follower, count, toEnd]);

  const judge = () => {
    const place = placeOf(list);
    if (place) setAway(follower.isAway(place));
  };

  return {
    /** For the element around the list. */
    reader: { ...reader, ref: pane },
    isAway,
    follows: follower.follows,
    onScroll() {
      const place = placeOf(list);
      if (place) follower.scrolled(place);
      judge();
    },
    onResize() {
      if (follower.follows()) toEnd();
      else judge();
    },
    goToEnd() {
      follower.goToEnd();
      setAway(false);
      toEnd();
    },
  };
};
