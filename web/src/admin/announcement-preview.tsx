import { Announcement } from '../chat/announcement.tsx';
import styles from './admin.module.css';
import controls from './controls.module.css';

const nothing = (): void => {};

/** A broadcast as learners see it: the same component, only to be looked at. */
export const AnnouncementPreview = ({ text }: { readonly text: string }) => (
  <section className={styles.preview} aria-label="Preview">
    <p className={controls.hint}>As learners will see it</p>
    {text.trim() === '' ? (
      <p className={styles.empty}>Nothing written yet</p>
    ) : (
      // It repeats what was typed, for the eyes alone.
      <div inert className={styles.previewed}>
        <Announcement text={text} onDismiss={nothing} />
      </div>
    )}
  </section>
);
