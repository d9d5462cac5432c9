import { useSyncExternalStore } from 'react';
import type { ReadonlyCell } from './cell.ts';

export const useCell = <T>(cell: ReadonlyCell<T>): T => useSyncExternalStore(cell.subscribe, cell.get);
