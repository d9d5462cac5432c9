import { listEffectiveSettings, parseConfig } from '../config.ts';
import type { CommandContext } from './context.ts';

/** Prints what is in force, as the environment would say it; fails as a start would. */
export const checkConfig = ({ env, print }: CommandContext): void => {
  parseConfig(env);
  for (const { name, value, isSecret, isDefault } of listEffectiveSettings(env)) {
    const shown = isSecret && value !== null ? '(set, not shown)' : (value ?? '(not set)');
    print(`${name}=${shown}${isDefault && value !== null ? '  (default)' : ''}`);
  }
};
