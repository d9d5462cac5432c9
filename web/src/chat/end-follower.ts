/** Where a list stands, in pixels. */
export interface Place {
  readonly offset: number;
  readonly size: number;
  readonly viewport: number;
}

export interface EndFollower {
  /** Whether what comes now is shown by going to the end. */
  follows(): boolean;
  /** Whether the list follows, and is not at its end. */
  isShort(place: Place): boolean;
  /** Whether the reader is so far from the end that they may want a way back. */
  isAway(place: Place): boolean;
  /** The reader did something that may scroll. */
  input(): void;
  /** The reader turns the wheel up: that scrolls, unless the list stands at its beginning. */
  turnedUp(place: Place): void;
  /** The reader holds the list or its scrollbar: nothing moves it but them. */
  hold(): void;
  /** Returns whether the end is to be shown now. */
  release(): boolean;
  /** The list was brought to its end: what is told of next began there. */
  moved(place: Place): void;
  scrolled(place: Place): void;
  /** The reader wants the end. */
  goToEnd(): void;
}

/** Nearer to the end than this, on the way down, counts as being there. */
const nearPx = 48;
/** Positions are rounded. */
const roundingPx = 2;
/** A scroll this soon after an input is the reader's, also while the list grows. */
const inputMs = 800;

/**
 * Whether a reader is at the end of a list that grows:
 *
 *     following ──(the reader scrolls up, however little)──▶ left alone
 *         ▲──────(comes near to the end on the way down, or asks for it)──┘
 *
 * Growing and measuring move a list too, up as well as down; those moves leave it as far from its end as it was.
 */
export const createEndFollower = (now: () => number = () => performance.now()): EndFollower => {
  let isFollowing = true;
  let isHeld = false;
  let lastInput = Number.NEGATIVE_INFINITY;
  let before: Place | undefined;

  const distanceOf = ({ size, viewport, offset }: Place) => size - viewport - offset;
  const isReaders = () => isHeld || now() - lastInput < inputMs;

  return {
    follows: () => isFollowing && !isHeld,
    isShort: (place) => isFollowing && !isHeld && distanceOf(place) > roundingPx,
    isAway: (place) => !isFollowing && distanceOf(place) > nearPx,
    input() {
      lastInput = now();
    },
    turnedUp({ offset }) {
      lastInput = now();
      if (offset > 0) isFollowing = false;
    },
    hold() {
      isHeld = true;
    },
    release() {
      if (!isHeld) return false;
      isHeld = false;
      // What was moved last may be told of after the release.
      lastInput = now();
      return isFollowing;
    },
    moved(place) {
      before = place;
    },
    scrolled(place) {
      const moved = place.offset - (before?.offset ?? 0);
      const distance = distanceOf(place);
      const distanceBefore = before ? distanceOf(before) : distance;
      const isFarther = distance > distanceBefore;
      // A list that moves by itself has changed; a scrollbar may tell of nothing but the scroll.
      const isSame = place.size === before?.size && place.viewport === before.viewport;
      before = place;
      // It tells of where it was brought.
      if (moved === 0 && isSame) return;
      if (moved < 0) {
        if (isFarther && distance > roundingPx && (isSame || isReaders())) isFollowing = false;
      } else if (distance <= roundingPx) isFollowing = true;
      else if (distance <= nearPx && distance < distanceBefore && isReaders()) isFollowing = true;
    },
    goToEnd() {
      isFollowing = true;
      lastInput = Number.NEGATIVE_INFINITY;
    },
  };
};
