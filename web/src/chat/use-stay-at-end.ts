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
  /** Around the list. */
  readonly pane: RefObject<HTMLElement | null>;
}

/**
 * Of the element that scrolls, but as high as the list knows of: rows that it has not measured reach farther, and beyond what
 * it knows it draws nothing.
 */
const placeOf = ({ handle: { current: handle }, pane: { current: pane } }: List): Place | undefined => {
  const scroller = pane?.firstElementChild;
  return handle && scroller
    ? { offset: scroller.scrollTop, size: handle.scrollSize, viewport: scroller.clientHeight }
    : undefined;
};

/**
 * Not by the list's own scroll to a row: that goes on for as long as rows grow, and pulls back who scrolls meanwhile.
 *
 * @param ownOffset where this brought the list before.
 * @returns where it is now.
 */
const scrollToEnd = (list: List, ownOffset: number | undefined): Place | undefined => {
  const place = placeOf(list);
  const scroller = list.pane.current?.firstElementChild;
  if (!place || !scroller) return undefined;
  // A list that moved with its rows draws no others until it hears of that scroll: it is not to be undone before.
  const isHeard = place.offset === list.handle.current?.scrollOffset || place.offset === ownOffset;
  if (!isHeard) return undefined;
  scroller.scrollTop = place.size - place.viewport;
  return placeOf(list);
};

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
      if (pointerType !== 'touch') follower.hold();
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
  const frame = useRef<number>(undefined);
  const ownOffset = useRef<number>(undefined);
  const toEnd = useCallback(() => {
    const scroll = () => {
      const place = scrollToEnd(list, ownOffset.current);
      if (!place) return;
      ownOffset.current = place.offset;
      follower.moved(place);
    };
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
  }, [follower, list]);
  useEffect(() => () => cancelAnimationFrame(frame.current ?? 0), []);
  const reader = useReader(follower, list, toEnd);

  // What grows tells of it by `onResize`: to scroll here as well would lay out the page twice for each frame.
  // biome-ignore lint/correctness/useExhaustiveDependencies: for each new row.
  useLayoutEffect(() => {
    if (follower.follows()) toEnd();
  }, [follower, rows.length, toEnd]);

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
