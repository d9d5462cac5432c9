import { useEffect, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useLocation } from 'wouter';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { useStore } from '../ui/use-store.ts';
import { Announcements } from './announcements.tsx';
import styles from './chat-page.module.css';
import { useChat } from './chat-services.ts';
import { ConnectionBanner } from './connection-banner.tsx';
import { ConversationPane } from './conversation-pane.tsx';
import { toShownTitle } from './shown-title.ts';
import { Sidebar } from './sidebar.tsx';

export interface ChatPageProps {
  readonly conversationId: string | null;
  readonly onSignOut: (() => void) | undefined;
}

const focusComposer = () => document.querySelector<HTMLTextAreaElement>('textarea[data-composer]')?.focus();

/** Ctrl/⌘+Shift+O: new chat; `/` or Ctrl/⌘+/ outside of a field: to the message field. */
const useShortcuts = (newChat: () => void) => {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isCommand = event.ctrlKey || event.metaKey;
      const isInField =
        event.target instanceof HTMLElement && event.target.matches('input, textarea, select');
      if (isCommand && event.shiftKey && event.key.toLowerCase() === 'o') newChat();
      else if (event.key === '/' && (isCommand || !isInField)) focusComposer();
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [newChat]);
};

export const ChatPage = ({ conversationId, onSignOut }: ChatPageProps) => {
  const chat = useChat();
  const [, navigate] = useLocation();
  const [isDrawerOpen, setDrawerOpen] = useState(false);
  const menuRef = useRef<HTMLButtonElement>(null);
  const { conversations } = useStore(chat.conversations.view);
  const summary = conversations.find(({ id }) => id === conversationId);
  const known = summary ? toShownTitle(summary.title) : 'Conversation';
  const title = conversationId === null ? 'New conversation' : known;
  const unread = conversations.reduce((sum, each) => sum + each.unreadCount, 0);

  const newChat = useMemo(
    () => () => {
      navigate('/');
      setDrawerOpen(false);
      requestAnimationFrame(focusComposer);
    },
    [navigate],
  );
  useShortcuts(newChat);
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${title} · EdAgent`;
  }, [title, unread]);

  // Where there is room for the list it is no drawer, and nothing would close it.
  useEffect(() => {
    const isWide = matchMedia('(width >= 48rem)');
    const close = () => setDrawerOpen(false);
    isWide.addEventListener('change', close);
    return () => isWide.removeEventListener('change', close);
  }, []);

  const closeDrawer = () => {
    // Nothing under an open drawer takes the focus.
    flushSync(() => setDrawerOpen(false));
    menuRef.current?.focus();
  };

  return (
    <div className={styles.page}>
      <button type="button" className={styles.skip} onClick={focusComposer}>
        Skip to the message field
      </button>
      <Sidebar
        conversationId={conversationId}
        isOpen={isDrawerOpen}
        onClose={closeDrawer}
        onNewChat={newChat}
        onSignOut={onSignOut}
      />
      <main className={styles.main} inert={isDrawerOpen}>
        <header className={styles.header}>
          <Button
            ref={menuRef}
            look="plain"
            className={styles.menu ?? ''}
            aria-label={unread > 0 ? `Conversations, ${unread} unread` : 'Conversations'}
            aria-expanded={isDrawerOpen}
            onClick={() => setDrawerOpen(true)}
          >
            <Icon name="menu" />
          </Button>
          <h1>{title}</h1>
        </header>
        <ConnectionBanner client={chat.client} />
        <Announcements />
        <ConversationPane
          key={chat.paneKey(conversationId)}
          conversationId={conversationId}
          onNewChat={newChat}
        />
      </main>
    </div>
  );
};
