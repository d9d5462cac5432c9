const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const exactTime = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const dayAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

const dayAndTimeOfYear = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
});

const rounded = (value: number, digits: number): string =>
  new Intl.NumberFormat('en', { maximumFractionDigits: digits }).format(value);

export const formatCount = (count: number): string => whole.format(count);

/** For the axis of a plot, where there is little room. */
export const formatCompact = (value: number): string => compact.format(value);

/** As many digits as say something: 0.25, 3.1, 42. */
export const formatRate = (perSecond: number): string => {
  if (perSecond >= 10) return whole.format(perSecond);
  return rounded(perSecond, perSecond >= 1 ? 1 : 2);
};

export const formatDurationMs = (ms: number): string => {
  if (ms < 999.5) return `${whole.format(ms)} ms`;
  if (ms < 9_950) return `${rounded(ms / 1_000, 1)} s`;
  if (ms < 59_500) return `${whole.format(ms / 1_000)} s`;
  return `${rounded(ms / 60_000, 1)} min`;
};

/** How long something has been so, in its two largest units. Never negative: clocks differ. */
export const formatAge = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return `${days} d ${hours % 24} h`;
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  if (minutes > 0) return `${minutes} min`;
  return `${seconds} s`;
};

const mebibyte = 1_048_576;

export const formatBytes = (bytes: number): string => {
  const mebibytes = bytes / mebibyte;
  if (mebibytes < 1_000) return `${whole.format(mebibytes)} MB`;
  return `${rounded(mebibytes / 1_024, 1)} GB`;
};

/** Ids begin with the time at which they were made: their ends tell them apart. */
export const shortId = (id: string): string => (id.length > 12 ? `…${id.slice(-8)}` : id);

export const formatTime = (at: number): string => time.format(at);
export const formatExactTime = (at: number): string => exactTime.format(at);
export const formatDayAndTime = (iso: string): string => dayAndTime.format(new Date(iso));

/** Of something that never lasts a year. */
export const formatDayAndTimeOfYear = (iso: string): string => dayAndTimeOfYear.format(new Date(iso));

export const counted = (count: number, noun: string): string =>
  `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
