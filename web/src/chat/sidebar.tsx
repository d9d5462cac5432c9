import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { applyTheme, keepTheme, loadTheme, type Theme, themes } from '../ui/theme.ts';
import { useStore } from '../ui/use-store.ts';
import { useChat } from './chat-services.ts';
import { ConversationMenu } from './conversation-menu.tsx';
import { ProfileDialog } from './profile-dialog.tsx';
import { toShownTitle } from './shown-title.ts';
import styles from './sidebar.module.css';

export interface SidebarProps {
  readonly conversationId: string | null;
  /** On narrow screens, where it is a drawer. */
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onNewChat: () => void;
  readonly onSignOut: (() => void) | undefined;
}

const ThemeSwitch = () => {
  const [theme, setTheme] = useState<Theme>(loadTheme);
  useEffect(() => applyTheme(theme), [theme]);
  return (
    <label className={styles.theme}>
      <span>Theme</span>
      <select
        value={theme}
        onChange={({ target }) => {
          const next = themes.find((each) => each === target.value) ?? 'system';
          keepTheme(next);
          setTheme(next);
        }}
      >
        <option value="system">System</option>
        <option value="light">Light</option>
        <option value="dark">Dark</option>
      </select>
    </label>
  );
};

const List = ({ conversationId, onChosen }: { conversationId: string | null; onChosen: () => void }) => {
  const { conversations: store, viewer } = useChat();
  const load = useStore(store.load);
  const { conversations, hasMore } = useStore(store.view);
  const endRef = useRef<HTMLLIElement>(null);
  useEffect(() => {
    const end = endRef.current;
    if (!end || !hasMore) return;
    const observer = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting) void store.loadMore();
    });
    observer.observe(end);
    return () => observer.disconnect();
  }, [hasMore, store]);

  if (load.kind === 'loading') return <p className={styles.hint}>Loading…</p>;
  if (load.kind === 'failed') return <p className={styles.hint}>{load.reason}</p>;
  if (conversations.length === 0) return <p className={styles.hint}>No conversations yet.</p>;
  return (
    <ul className={styles.list}>
      {conversations.map(({ id, title, unreadCount, ownerId }) => (
        <li key={id} className={styles.item}>
          <Link
            href={`/c/${id}`}
            className={styles.link ?? ''}
            aria-current={id === conversationId ? 'page' : undefined}
            onClick={onChosen}
          >
            <span className={styles.title} title={toShownTitle(title)}>
              {toShownTitle(title)}
            </span>
            {unreadCount > 0 && id !== conversationId && (
              <span className={styles.unread}>
                {unreadCount > 99 ? '99+' : unreadCount}
                <span className="visually-hidden"> unread</span>
              </span>
            )}
          </Link>
          <ConversationMenu
            id={id}
            title={title}
            isOwner={ownerId === viewer.user.id}
            isOpen={id === conversationId}
          />
        </li>
      ))}
      {hasMore && <li ref={endRef} className={styles.hint} aria-hidden="true" />}
    </ul>
  );
};

export const Sidebar = ({ conversationId, isOpen, onClose, onNewChat, onSignOut }: SidebarProps) => {
  const { viewer } = useChat();
  const [isProfileOpen, setProfileOpen] = useState(false);
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    ref.current?.querySelector<HTMLElement>('button, a')?.focus();
  }, [isOpen]);

  return (
    <>
      {isOpen && <div className={styles.shade} onClick={onClose} aria-hidden="true" />}
      <nav
        ref={ref}
        aria-label="Conversations"
        className={`${styles.sidebar} ${isOpen ? styles.open : ''}`}
        onKeyDown={(event) => {
          // What is asked in a dialog of the list closes that alone.
          const isAsked = event.target instanceof Element && event.target.closest('dialog') !== null;
          if (event.key !== 'Escape' || !isOpen || isAsked) return;
          // It stops an answer elsewhere.
          event.preventDefault();
          onClose();
        }}
      >
        <div className={styles.top}>
          <Button className={styles.new ?? ''} onClick={onNewChat} aria-keyshortcuts="Control+Shift+O">
            <Icon name="plus" /> New conversation
          </Button>
          <Button look="plain" className={styles.close ?? ''} aria-label="Close the list" onClick={onClose}>
            <Icon name="close" />
          </Button>
        </div>
        <div className={styles.scroll}>
          <List conversationId={conversationId} onChosen={() => isOpen && onClose()} />
        </div>
        <div className={styles.bottom}>
          <ThemeSwitch />
          {viewer.role === 'ADMIN' && (
            <Link href="/admin" className={styles.link ?? ''}>
              Admin
            </Link>
          )}
          <div className={styles.me}>
            <Button
              look="plain"
              onClick={() => setProfileOpen(true)}
              aria-label={`Profile of ${viewer.user.name}`}
            >
              <Icon name="person" /> <span className={styles.name}>{viewer.user.name}</span>
            </Button>
            {onSignOut && (
              <Button look="plain" onClick={() => onSignOut()}>
                Sign out
              </Button>
            )}
          </div>
        </div>
      </nav>
      {isProfileOpen && <ProfileDialog onClose={() => setProfileOpen(false)} />}
    </>
  );
};
