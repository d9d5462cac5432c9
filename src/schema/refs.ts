import type { ConnectionInfo, NodeInfo } from '../connections/port.ts';
import type { StatusSnapshot } from '../connections/service-port.ts';
import type { AnswerFailure, AnswerUsage } from '../domain/answer.ts';
import type {
  AnswerStatus,
  Author,
  Broadcast,
  Conversation,
  Message,
  Participant,
  User,
} from '../domain/entities.ts';
import { builder } from './builder.ts';

/** Entities name each other; each is defined in its own file, and all are named here, so that no file needs a cycle. */
export const UserRef = builder.objectRef<User>('User');
/** Of the user whose viewer it is. */
export const ViewerRef = builder.objectRef<User>('Viewer');
export const AuthorRef = builder.objectRef<Author>('Author');
export const ParticipantRef = builder.objectRef<Participant>('Participant');
export const ConversationRef = builder.objectRef<Conversation>('Conversation');
export const MessageRef = builder.objectRef<Message>('Message');
export const AnswerStatusRef = builder.objectRef<AnswerStatus>('AnswerStatus');
export const AnswerFailureRef = builder.objectRef<AnswerFailure>('AnswerFailure');
export const AnswerUsageRef = builder.objectRef<AnswerUsage>('AnswerUsage');
export const BroadcastRef = builder.objectRef<Broadcast>('Broadcast');
export const ConnectionStatusRef = builder.objectRef<StatusSnapshot>('ConnectionStatus');
export const NodeStatusRef = builder.objectRef<NodeInfo>('NodeStatus');
export const ClientConnectionRef = builder.objectRef<ConnectionInfo>('ClientConnection');
