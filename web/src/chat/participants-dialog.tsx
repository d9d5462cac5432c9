import { type FormEvent, useCallback, useEffect, useState } from 'react';
import type { ParticipantsQuery } from '../generated/graphql.ts';
import { reasonOf } from '../graphql/client.ts';
import { Button } from '../ui/button.tsx';
import controls from '../ui/controls.module.css';
import { Dialog } from '../ui/dialog.tsx';
import { useChat } from './chat-services.ts';
import { AddParticipantDocument, ParticipantsDocument, RemoveParticipantDocument } from './documents.ts';
import styles from './participants-dialog.module.css';

type Conversation = NonNullable<ParticipantsQuery['conversation']>;

export const ParticipantsDialog = ({
  id,
  onClose,
}: {
  readonly id: string;
  readonly onClose: () => void;
}) => {
  const { client, viewer } = useChat();
  const [conversation, setConversation] = useState<Conversation>();
  const [userId, setUserId] = useState('');
  const [problem, setProblem] = useState<string>();
  const isOwner = conversation?.owner.id === viewer.user.id;

  const read = useCallback(async () => {
    const { data, error } = await client.urql.query(ParticipantsDocument, { id }).toPromise();
    if (data?.conversation) setConversation(data.conversation);
    else setProblem(error ? reasonOf(error) : 'This conversation is not there.');
  }, [client, id]);
  useEffect(() => {
    void read();
  }, [read]);

  const change = async (
    document: typeof AddParticipantDocument | typeof RemoveParticipantDocument,
    who: string,
  ) => {
    const { error } = await client.urql.mutation(document, { conversationId: id, userId: who }).toPromise();
    setProblem(error && reasonOf(error));
    if (!error) setUserId('');
    await read();
  };
  const add = (event: FormEvent) => {
    event.preventDefault();
    void change(AddParticipantDocument, userId.trim());
  };

  return (
    <Dialog title="Participants" onClose={onClose}>
      <ul className={styles.list}>
        {conversation?.participants.map(({ user }) => (
          <li key={user.id}>
            <span>
              {user.name} <small>{user.id}</small>
            </span>
            {user.id === conversation.owner.id ? (
              <small>owner</small>
            ) : (
              isOwner && (
                <Button
                  look="plain"
                  aria-label={`Remove ${user.name}`}
                  onClick={() => void change(RemoveParticipantDocument, user.id)}
                >
                  Remove
                </Button>
              )
            )}
          </li>
        ))}
      </ul>
      {isOwner && (
        <form onSubmit={add} className={styles.add}>
          <label className={controls.field}>
            <span>Add someone by user id</span>
            <input
              value={userId}
              onChange={({ target }) => setUserId(target.value)}
              required
              autoComplete="off"
            />
          </label>
          <Button type="submit" disabled={!userId.trim()}>
            Add
          </Button>
        </form>
      )}
      {problem && (
        <p role="alert" className={controls.problem}>
          {problem}
        </p>
      )}
      <div className={controls.row}>
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
};
