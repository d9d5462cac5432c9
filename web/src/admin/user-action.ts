/** What an admin is about to do to somebody, before it is confirmed. */
export type UserAction =
  | { readonly kind: 'cut-connection'; readonly connectionId: string; readonly userId: string }
  | { readonly kind: 'cut-user'; readonly userId: string }
  | { readonly kind: 'block'; readonly userId: string }
  | { readonly kind: 'unblock'; readonly userId: string };

interface ActionText {
  readonly title: string;
  readonly confirm: string;
  readonly consequence: string;
  /** Who is told the reason; null: none is asked for. */
  readonly reasonHint: string | null;
}

export const toActionText = (action: UserAction): ActionText => {
  const { userId } = action;
  switch (action.kind) {
    case 'cut-connection':
      return {
        title: `Cut off one connection of ${userId}?`,
        confirm: 'Cut off',
        consequence: 'It is closed within 2 seconds. Its client may come back at once.',
        reasonHint: 'Told to the client.',
      };
    case 'cut-user':
      return {
        title: `Cut off all connections of ${userId}?`,
        confirm: 'Cut off all',
        consequence: 'They are closed on every node within 2 seconds. Their clients may come back at once.',
        reasonHint: 'Told to the clients.',
      };
    case 'block':
      return {
        title: `Block ${userId}?`,
        confirm: 'Block',
        consequence:
          'All their connections are closed within 2 seconds, and they cannot come back until unblocked.',
        reasonHint: 'Kept for other admins.',
      };
    case 'unblock':
      return {
        title: `Unblock ${userId}?`,
        confirm: 'Unblock',
        consequence: 'They can sign in again.',
        reasonHint: null,
      };
  }
};

/** What an admin should know before doing it to themselves. */
export const toSelfWarning = ({ kind }: UserAction): string | null => {
  switch (kind) {
    case 'cut-connection':
      return 'This is a connection of your own. If it is the one of this page, the page connects again by itself.';
    case 'cut-user':
      return 'These are your own connections, the one of this page among them. It connects again by itself.';
    case 'block':
      return 'This is you: this page would end, and only another admin could unblock you.';
    case 'unblock':
      return null;
  }
};
