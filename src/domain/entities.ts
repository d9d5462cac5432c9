import type { AnswerFailure, AnswerState, AnswerUsage } from './answer.ts';

/** Entities as the store returns them and as durable events carry them. Times are ISO 8601 in UTC. */

export type Role = 'LEARNER' | 'ADMIN';

export interface Profile {
  readonly goals: string;
  readonly level: string;
  readonly interests: readonly string[];
}

export interface User {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly profile: Profile;
  readonly createdAt: string;
  readonly blockedAt: string | null;
  readonly blockedReason: string | null;
}

export type AuthorKind = 'LEARNER' | 'TUTOR';

/** Who wrote something; the name as it was at the time. */
export interface Author {
  readonly kind: AuthorKind;
  readonly id: string;
  readonly name: string;
}

export const tutorId = 'tutor';

export interface AnswerStatus {
  readonly state: AnswerState;
  /** 0 while it waits, then counts the calls of the model. */
  readonly attempt: number;
  readonly failure: AnswerFailure | null;
  readonly startedAt: string | null;
  readonly closedAt: string | null;
  readonly usage: AnswerUsage | null;
}

export interface Message {
  readonly id: string;
  readonly conversationId: string;
  /** Counts the messages of the conversation from 1, without holes. */
  readonly position: number;
  readonly author: Author;
  readonly text: string;
  readonly inReplyTo: string | null;
  readonly retryOf: string | null;
  readonly answer: AnswerStatus | null;
  readonly createdAt: string;
}

export interface Conversation {
  readonly id: string;
  readonly title: string;
  readonly ownerId: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface Participant {
  readonly user: User;
  readonly joinedAt: string;
}

export interface Broadcast {
  readonly id: string;
  readonly text: string;
  readonly at: string;
  readonly expiresAt: string;
  /** Null: to all. */
  readonly userIds: readonly string[] | null;
  /** When the viewer read it; null for the admin's list. */
  readonly readAt: string | null;
}

/** The number of characters of the first message that become a conversation's title. */
export const titleLength = 60;
export const maxParticipants = 50;
