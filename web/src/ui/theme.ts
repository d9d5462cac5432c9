import { toSafeStorage } from './storage.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const key = 'edagent.theme';
const storage = toSafeStorage(() => localStorage);

export const loadTheme = (): Theme => themes.find((theme) => theme === storage.getItem(key)) ?? 'system';

export const applyTheme = (theme: Theme): void => {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
};

export const keepTheme = (theme: Theme): void => {
  storage.setItem(key, theme);
  applyTheme(theme);
};
