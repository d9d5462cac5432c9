import { type FormEvent, useEffect, useState } from 'react';
import type { UpdateProfileMutation } from '../generated/graphql.ts';
import { reasonOf } from '../graphql/client.ts';
import { UpdateProfileDocument, ViewerDocument } from '../graphql/documents.ts';
import { Button } from '../ui/button.tsx';
import controls from '../ui/controls.module.css';
import { Dialog } from '../ui/dialog.tsx';
import { useChat } from './chat-services.ts';

type Profile = UpdateProfileMutation['updateProfile']['profile'];

const toInterests = (text: string): string[] =>
  text
    .split(/[,\n]/)
    .map((each) => each.trim())
    .filter(Boolean);

interface FormProps {
  readonly profile: Profile;
  readonly onClose: () => void;
}

const ProfileForm = ({ profile, onClose }: FormProps) => {
  const { client } = useChat();
  const [goals, setGoals] = useState(profile.goals);
  const [level, setLevel] = useState(profile.level);
  const [interests, setInterests] = useState(profile.interests.join(', '));
  const [problem, setProblem] = useState<string>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const input = { goals, level, interests: toInterests(interests) };
    const { error } = await client.urql.mutation(UpdateProfileDocument, { input }).toPromise();
    if (error) setProblem(reasonOf(error));
    else onClose();
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <label className={controls.field}>
        <span>Goals</span>
        <textarea
          value={goals}
          onChange={({ target }) => setGoals(target.value)}
          rows={4}
          maxLength={2_000}
        />
      </label>
      <label className={controls.field}>
        <span>Level</span>
        <input value={level} onChange={({ target }) => setLevel(target.value)} maxLength={200} />
      </label>
      <label className={controls.field}>
        <span>Interests</span>
        <input value={interests} onChange={({ target }) => setInterests(target.value)} />
        <small>Separated by commas, at most 20.</small>
      </label>
      {problem && (
        <p role="alert" className={controls.problem}>
          {problem}
        </p>
      )}
      <div className={controls.row}>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary">
          Save
        </Button>
      </div>
    </form>
  );
};

/** Read anew each time: it may have been changed on another device. */
export const ProfileDialog = ({ onClose }: { readonly onClose: () => void }) => {
  const { client } = useChat();
  const [profile, setProfile] = useState<Profile>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    void client.urql
      .query(ViewerDocument, {})
      .toPromise()
      .then(({ data, error }) => {
        if (data) setProfile(data.viewer.profile);
        else setProblem(reasonOf(error));
      });
  }, [client]);
  return (
    <Dialog title="What the tutor knows of you" onClose={onClose}>
      {profile ? (
        <ProfileForm profile={profile} onClose={onClose} />
      ) : (
        <>
          <p>{problem ?? 'Loading…'}</p>
          <div className={controls.row}>
            <Button onClick={onClose}>Close</Button>
          </div>
        </>
      )}
    </Dialog>
  );
};
