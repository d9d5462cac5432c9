import type { ComponentProps } from 'react';
import styles from './controls.module.css';

export interface ButtonProps extends ComponentProps<'button'> {
  readonly look?: 'normal' | 'primary' | 'danger' | 'plain';
}

export const Button = ({ look = 'normal', className = '', type = 'button', ...rest }: ButtonProps) => (
  <button {...rest} type={type} className={`${styles.button} ${styles[look] ?? ''} ${className}`} />
);
