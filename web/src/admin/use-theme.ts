import { useSyncExternalStore } from 'react';

const darkQuery = '(prefers-color-scheme: dark)';

const watchTheme = (onChange: () => void): (() => void) => {
  const query = matchMedia(darkQuery);
  const observer = new MutationObserver(onChange);
  query.addEventListener('change', onChange);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  return () => {
    query.removeEventListener('change', onChange);
    observer.disconnect();
  };
};

const currentTheme = (): string =>
  `${document.documentElement.dataset.theme ?? 'system'} ${matchMedia(darkQuery).matches ? 'dark' : 'light'}`;

/** A text that differs whenever the colours do: a canvas does not follow them by itself. */
export const useTheme = (): string => useSyncExternalStore(watchTheme, currentTheme);
