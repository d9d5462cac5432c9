import type { ReactNode } from 'react';
import styles from './notice.module.css';

export interface NoticeProps {
  readonly title: string;
  readonly children: ReactNode;
}

/** A page that has one thing to say. */
export const Notice = ({ title, children }: NoticeProps) => (
  <main className={styles.page}>
    <div className={styles.card}>
      <h1>{title}</h1>
      <div>{children}</div>
    </div>
  </main>
);
