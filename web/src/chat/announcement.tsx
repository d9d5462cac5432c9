import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import styles from './banners.module.css';

export interface AnnouncementProps {
  readonly text: string;
  readonly onDismiss: () => void;
}

/** What admins announced, as learners see it; the admin page previews with it. */
export const Announcement = ({ text, onDismiss }: AnnouncementProps) => (
  <div className={styles.announcement}>
    <p>{text}</p>
    <Button look="plain" aria-label="Dismiss the announcement" onClick={onDismiss}>
      <Icon name="close" />
    </Button>
  </div>
);
