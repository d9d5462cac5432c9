import type { Checker } from '../history.ts';
import { checkAcknowledgedMessages } from './acknowledged-messages.ts';
import { checkAfterStop } from './after-stop.ts';
import { checkFinalText } from './final-text.ts';
import { checkKeptSubscriptions } from './kept-subscriptions.ts';
import { checkLeftovers } from './leftovers.ts';
import { checkModelCalls } from './model-calls.ts';
import { checkOneEnd } from './one-end.ts';
import { checkOrder } from './order.ts';
import { checkPrefix } from './prefix.ts';
import { checkRecovery, checkReturn } from './recovery.ts';
import { checkRights } from './rights.ts';
import { checkSilentLoss } from './silent-loss.ts';
import { checkTyping } from './typing.ts';

export const checkers = [
  checkAcknowledgedMessages,
  checkOrder,
  checkSilentLoss,
  checkPrefix,
  checkFinalText,
  checkOneEnd,
  checkModelCalls,
  checkAfterStop,
  checkRights,
  checkTyping,
  checkKeptSubscriptions,
  checkReturn,
  checkRecovery,
  checkLeftovers,
] as const satisfies readonly Checker[];

export type CheckerName = ReturnType<(typeof checkers)[number]>['name'];
