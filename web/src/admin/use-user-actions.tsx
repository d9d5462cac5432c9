import { type ReactNode, useCallback, useState } from 'react';
import { ActionDialog } from './action-dialog.tsx';
import type { AdminApi } from './api.ts';
import { counted } from './format.ts';
import type { Refusal } from './refusal.ts';
import type { UserAction } from './user-action.ts';

export interface DoneAction {
  readonly action: UserAction;
  /** As a sentence. */
  readonly text: string;
}

interface UserActionsOptions {
  readonly api: AdminApi;
  /** Who does it. */
  readonly viewerId: string;
  readonly onDone: (done: DoneAction) => void;
}

interface UserActions {
  /** Asks for confirmation first. */
  readonly begin: (action: UserAction) => void;
  /** To be placed once on the page. */
  readonly dialog: ReactNode;
}

const perform = async (
  api: AdminApi,
  action: UserAction,
  reason: string | null,
): Promise<{ readonly text: string } | { readonly refusal: Refusal }> => {
  const { kind, userId } = action;
  switch (kind) {
    case 'cut-connection':
    case 'cut-user': {
      const by = kind === 'cut-user' ? { userId } : { connectionId: action.connectionId };
      const outcome = await api.disconnect(by, reason);
      if (outcome.kind === 'refused') return outcome;
      return { text: `${counted(outcome.value, 'connection')} of ${userId} cut off.` };
    }
    case 'block':
    case 'unblock': {
      const outcome = await api.setUserBlocked({ userId, blocked: kind === 'block', reason });
      if (outcome.kind === 'refused') return outcome;
      const { name, blockedReason } = outcome.value;
      const because = blockedReason ? `: ${blockedReason}` : '';
      return { text: `${userId} (${name}) is ${kind === 'block' ? `blocked${because}` : 'not blocked'}.` };
    }
  }
};

export const useUserActions = ({ api, viewerId, onDone }: UserActionsOptions): UserActions => {
  const [action, setAction] = useState<UserAction | null>(null);
  const close = useCallback(() => setAction(null), []);

  const confirm = async (confirmed: UserAction, reason: string | null): Promise<Refusal | null> => {
    const result = await perform(api, confirmed, reason);
    if ('refusal' in result) return result.refusal;
    close();
    onDone({ action: confirmed, text: result.text });
    return null;
  };

  return {
    begin: setAction,
    dialog: action && (
      <ActionDialog
        action={action}
        isSelf={action.userId === viewerId}
        onConfirm={(reason) => confirm(action, reason)}
        onClose={close}
      />
    ),
  };
};
