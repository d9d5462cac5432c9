import styles from './admin.module.css';
import controls from './controls.module.css';

/** A broadcast as learners see it. */
export const AnnouncementPreview = ({ text }: { readonly text: string }) => (
  <section className={styles.preview} aria-label="Preview">
    <p className={controls.hint}>As learners will see it</p>
    <div className={styles.announcement}>
      <p>{text.trim() === '' ? <span className={styles.muted}>Nothing written yet</span> : text}</p>
      <span aria-hidden="true" className={styles.dismiss}>
        ×
      </span>
    </div>
  </section>
);
