import { toSafeStorage } from './storage.ts';

const key = 'edagent.reloaded-for';
const storage = toSafeStorage(() => sessionStorage);

/** The name of its entry tells one build from another. */
const ownEntry = (): string | null | undefined =>
  document.querySelector('script[type="module"][src]')?.getAttribute('src');

/** Read from the text: the policy of the page forbids to make a document of it. */
const fetchEntry = async (): Promise<string | undefined> => {
  const response = await fetch('/', { cache: 'no-store' });
  if (!response.ok) return undefined;
  return /<script type="module"[^>]* src="([^"]+)"/.exec(await response.text())?.[1];
};

const fields = () => [
  ...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(
    'textarea, input:not([type="checkbox"], [type="radio"])',
  ),
];

/** A message is kept as it is typed; whatever else is being written would be lost. */
const wouldLose = (): boolean =>
  document.querySelector('dialog[open]') !== null ||
  fields().some(({ value, dataset }) => value !== '' && dataset.composer === undefined);

/** Keys that are pressed while the page loads would be lost. */
const isTyping = (): boolean =>
  document.visibilityState === 'visible' && fields().some(({ value }) => value !== '');

/** Whether the server is being asked, or a reload waits for its moment. */
let isPending = false;

const reloadWhenQuiet = (entry: string): void => {
  if (wouldLose() || isTyping()) return;
  storage.setItem(key, entry);
  // A browser without storage could not tell that it has been done.
  if (storage.getItem(key) === entry) location.reload();
};

/**
 * A piece of this page could not be loaded. When the server gives out another build by now, its pieces are gone for good,
 * and the page is loaded anew: once for each build, and not while somebody writes. Otherwise there was no way to it.
 */
export const reloadIfStale = async (): Promise<void> => {
  if (isPending) return;
  isPending = true;
  const entry = await fetchEntry().catch(() => undefined);
  if (!entry || entry === ownEntry() || entry === storage.getItem(key)) {
    isPending = false;
    return;
  }
  document.addEventListener('visibilitychange', () => reloadWhenQuiet(entry));
  reloadWhenQuiet(entry);
};
