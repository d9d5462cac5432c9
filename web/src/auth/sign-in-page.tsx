import { type FormEvent, useState } from 'react';
import { Button } from '../ui/button.tsx';
import controls from '../ui/controls.module.css';
import { Notice } from '../ui/notice.tsx';
import { toSafeStorage } from '../ui/storage.ts';
import type { DevelopmentUser, SignInRole } from './development-tokens.ts';
import styles from './sign-in-page.module.css';

const lastNameKey = 'edagent.lastName';
const storage = toSafeStorage(() => localStorage);

export interface SignInPageProps {
  readonly problem: string | undefined;
  readonly onSignIn: (user: DevelopmentUser) => Promise<void>;
}

/** For development: whoever one says one is. */
export const SignInPage = ({ problem, onSignIn }: SignInPageProps) => {
  const [name, setName] = useState(() => storage.getItem(lastNameKey) ?? 'Ada');
  const [role, setRole] = useState<SignInRole>('LEARNER');
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState(problem);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      storage.setItem(lastNameKey, name.trim());
      await onSignIn({ name: name.trim(), role });
    } catch (error) {
      setFailure(
        error instanceof TypeError ? 'The server cannot be reached.' : String((error as Error).message),
      );
      setBusy(false);
    }
  };

  return (
    <Notice title="Sign in to EdAgent">
      <p className={styles.about}>
        This server runs for development: whoever you say you are, you are. Admins see who is connected, and
        announce things.
      </p>
      <form onSubmit={(event) => void submit(event)}>
        <label className={controls.field}>
          <span>Name</span>
          <input
            value={name}
            onChange={({ target }) => setName(target.value)}
            required
            maxLength={60}
            autoComplete="nickname"
          />
        </label>
        <label className={controls.field}>
          <span>Role</span>
          <select
            value={role}
            onChange={({ target }) => setRole(target.value === 'ADMIN' ? 'ADMIN' : 'LEARNER')}
          >
            <option value="LEARNER">Learner</option>
            <option value="ADMIN">Admin</option>
          </select>
        </label>
        {failure && (
          <p role="alert" className={controls.problem}>
            {failure}
          </p>
        )}
        <Button
          type="submit"
          look="primary"
          className={styles.submit ?? ''}
          disabled={isBusy || !name.trim()}
        >
          Sign in
        </Button>
      </form>
    </Notice>
  );
};
