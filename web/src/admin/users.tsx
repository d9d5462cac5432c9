import { type FormEvent, useId, useState } from 'react';
import controls from './controls.module.css';
import type { UserAction } from './user-action.ts';

interface UsersProps {
  readonly onAction: (action: UserAction) => void;
}

/** For users who are not in the table, as those who are blocked. */
export const Users = ({ onAction }: UsersProps) => {
  const id = useId();
  const [typed, setTyped] = useState('');
  const [isMissing, setMissing] = useState(false);
  const userId = typed.trim();

  const begin = (kind: 'cut-user' | 'block' | 'unblock'): void => {
    setMissing(userId === '');
    if (userId !== '') onAction({ kind, userId });
  };
  const submit = (event: FormEvent): void => event.preventDefault();

  return (
    <form className={controls.filter} onSubmit={submit} aria-label="Cut off, block or unblock a user">
      <div className={controls.field}>
        <label htmlFor={id}>User id</label>
        <input
          id={id}
          value={typed}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          aria-invalid={isMissing}
          aria-describedby={isMissing ? `${id}-problem` : undefined}
          onChange={({ target }) => {
            setTyped(target.value);
            setMissing(false);
          }}
        />
      </div>
      <button type="button" className={controls.button} onClick={() => begin('cut-user')}>
        Cut off all
      </button>
      <button type="button" className={controls.button} onClick={() => begin('block')}>
        Block
      </button>
      <button type="button" className={controls.button} onClick={() => begin('unblock')}>
        Unblock
      </button>
      {isMissing && (
        <p id={`${id}-problem`} className={controls.problem}>
          Name a user by id.
        </p>
      )}
    </form>
  );
};
