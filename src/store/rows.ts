import type { AnswerState, FailureCode } from '../domain/answer.ts';
import type {
  AnswerStatus,
  AuthorKind,
  Broadcast,
  Conversation,
  Message,
  Role,
  User,
} from '../domain/entities.ts';

/** Rows as the statements of this folder select them, and the entities made of them. */

type Time = Date | string;

const toIso = (time: Time): string => new Date(time).toISOString();
const maybeIso = (time: Time | null): string | null => (time === null ? null : toIso(time));

export const userColumns = `u.id, u.name, u.role, u.goals, u.level, u.interests, u.created_at, u.blocked_at, u.blocked_reason`;

export interface UserRow {
  id: string;
  name: string;
  role: Role;
  goals: string;
  level: string;
  interests: string[];
  created_at: Time;
  blocked_at: Time | null;
  blocked_reason: string | null;
}

export const toUser = (row: UserRow): User => ({
  id: row.id,
  name: row.name,
  role: row.role,
  profile: { goals: row.goals, level: row.level, interests: row.interests },
  createdAt: toIso(row.created_at),
  blockedAt: maybeIso(row.blocked_at),
  blockedReason: row.blocked_reason,
});

export const conversationColumns = `c.id, c.title, c.owner_id, c.created_at, c.updated_at`;

export interface ConversationRow {
  id: string;
  title: string;
  owner_id: string;
  created_at: Time;
  updated_at: Time;
}

export const toConversation = (row: ConversationRow): Conversation => ({
  id: row.id,
  title: row.title,
  ownerId: row.owner_id,
  createdAt: toIso(row.created_at),
  updatedAt: toIso(row.updated_at),
});

/** The checkpoint of the answer `a`: its text so far. */
export const checkpointText = `(select coalesce(string_agg(k.text, '' order by k."offset"), '') from answer_chunks k
  where k.message_id = a.message_id and k.attempt = a.attempt)`;

/** Of `messages m left join answers a on a.message_id = m.id`. */
export const messageColumns = `m.id, m.conversation_id, m.position, m.author_kind, m.author_id, m.author_name,
  case when a.state = 'GENERATING' then ${checkpointText} else m.text end as text, m.in_reply_to, m.retry_of, m.created_at,
  a.state, a.attempt, a.started_at, a.closed_at, a.failure_code, a.failure_message, a.failure_temporary,
  a.input_tokens, a.output_tokens`;

export interface MessageRow {
  id: string;
  conversation_id: string;
  position: number;
  author_kind: AuthorKind;
  author_id: string;
  author_name: string;
  text: string;
  in_reply_to: string | null;
  retry_of: string | null;
  created_at: Time;
  state: AnswerState | null;
  attempt: number | null;
  started_at: Time | null;
  closed_at: Time | null;
  failure_code: FailureCode | null;
  failure_message: string | null;
  failure_temporary: boolean | null;
  input_tokens: number | null;
  output_tokens: number | null;
}

const toAnswerStatus = (row: MessageRow): AnswerStatus | null =>
  row.state === null
    ? null
    : {
        state: row.state,
        attempt: row.attempt ?? 0,
        failure:
          row.failure_code === null
            ? null
            : {
                code: row.failure_code,
                message: row.failure_message ?? '',
                temporary: row.failure_temporary ?? false,
              },
        startedAt: maybeIso(row.started_at),
        closedAt: maybeIso(row.closed_at),
        usage:
          row.input_tokens === null || row.output_tokens === null
            ? null
            : { inputTokens: row.input_tokens, outputTokens: row.output_tokens },
      };

export const toMessage = (row: MessageRow): Message => ({
  id: row.id,
  conversationId: row.conversation_id,
  position: row.position,
  author: { kind: row.author_kind, id: row.author_id, name: row.author_name },
  text: row.text,
  inReplyTo: row.in_reply_to,
  retryOf: row.retry_of,
  answer: toAnswerStatus(row),
  createdAt: toIso(row.created_at),
});

export interface BroadcastRow {
  id: string;
  text: string;
  at: Time;
  expires_at: Time;
  user_ids: string[] | null;
  read_at: Time | null;
}

export const toBroadcast = (row: BroadcastRow): Broadcast => ({
  id: row.id,
  text: row.text,
  at: toIso(row.at),
  expiresAt: toIso(row.expires_at),
  userIds: row.user_ids,
  readAt: maybeIso(row.read_at),
});
