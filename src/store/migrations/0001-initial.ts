/**
 * Column `collate "C"` where the order only has to be the same for all: the order of locks and of the index then costs
 * nothing. Frozen: a change is a new migration.
 */
export const initial = `
create table log_identity (
  only_row boolean primary key default true check (only_row),
  epoch text not null,
  system_identifier text,
  timeline text
);

create table topics (
  name text collate "C" primary key,
  seq bigint not null default 0,
  floor bigint not null default 0,
  changed_xid xid8 not null default pg_current_xact_id()
) with (fillfactor = 70);
create index topics_changed on topics (changed_xid);

create table events (
  id uuid primary key,
  at timestamptz not null,
  body json not null
);
create index events_at on events (at);

create table placements (
  topic text collate "C" not null,
  seq bigint not null,
  event_id uuid not null,
  primary key (topic, seq)
);
create index placements_event on placements (event_id);

create table users (
  id text collate "C" primary key,
  name text not null,
  role text not null check (role in ('LEARNER', 'ADMIN')),
  goals text not null default '',
  level text not null default '',
  interests text[] not null default '{}',
  created_at timestamptz not null,
  blocked_at timestamptz,
  blocked_reason text
);

create table conversations (
  id uuid primary key,
  owner_id text collate "C" not null,
  client_conversation_id text,
  requested_title text,
  title text not null,
  is_renamed boolean not null,
  last_position bigint not null default 0,
  revision bigint not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz
) with (fillfactor = 80);
create unique index conversations_client_id on conversations (owner_id, client_conversation_id)
  where client_conversation_id is not null;

create table participants (
  conversation_id uuid not null references conversations (id),
  user_id text collate "C" not null references users (id),
  read_position bigint not null default 0,
  joined_at timestamptz not null,
  changed_at timestamptz not null,
  primary key (conversation_id, user_id)
) with (fillfactor = 80);
create index participants_latest on participants (user_id, changed_at desc, conversation_id desc);

create table messages (
  id uuid primary key,
  conversation_id uuid not null references conversations (id),
  position bigint not null,
  author_kind text not null check (author_kind in ('LEARNER', 'TUTOR')),
  author_id text collate "C" not null,
  author_name text not null,
  text text not null,
  in_reply_to uuid,
  retry_of uuid,
  client_message_id text,
  wants_answer boolean not null default false,
  starts_conversation boolean not null default false,
  seq_before bigint,
  created_at timestamptz not null
);
create unique index messages_position on messages (conversation_id, position);
create unique index messages_client_id on messages (author_id, client_message_id) where client_message_id is not null;
create index messages_author on messages (author_id, created_at) where author_kind = 'LEARNER';

create table answers (
  message_id uuid primary key,
  conversation_id uuid not null,
  position bigint not null,
  in_reply_to uuid not null,
  asked_by text collate "C" not null,
  client_retry_id text,
  state text not null check (state in ('WAITING', 'GENERATING', 'FINISHED', 'STOPPED', 'FAILED')),
  attempt integer not null default 0,
  generation integer not null default 0,
  lease_node text,
  created_at timestamptz not null,
  started_at timestamptz,
  started_seq bigint,
  closed_at timestamptz,
  stop_requested_at timestamptz,
  failure_code text,
  failure_message text,
  failure_temporary boolean,
  input_tokens integer,
  output_tokens integer
) with (fillfactor = 80);
create index answers_open on answers (conversation_id, position) where state in ('WAITING', 'GENERATING');
create unique index answers_reply on answers (in_reply_to, position);
create unique index answers_client_id on answers (asked_by, client_retry_id) where client_retry_id is not null;
create index answers_asked_by on answers (asked_by, created_at);

create table answer_chunks (
  message_id uuid not null,
  attempt integer not null,
  "offset" integer not null,
  text text not null,
  primary key (message_id, attempt, "offset")
);

create table broadcasts (
  id uuid primary key,
  sender_id text collate "C" not null,
  client_broadcast_id text not null,
  text text not null,
  user_ids text[],
  at timestamptz not null,
  expires_at timestamptz not null,
  unique (sender_id, client_broadcast_id)
);
create index broadcasts_at on broadcasts (at desc, id desc);
create index broadcasts_to_all on broadcasts (at desc, id desc) where user_ids is null;

create table broadcast_recipients (
  user_id text collate "C" not null references users (id),
  at timestamptz not null,
  broadcast_id uuid not null references broadcasts (id),
  primary key (user_id, at, broadcast_id)
);

create table broadcast_reads (
  broadcast_id uuid not null references broadcasts (id),
  user_id text collate "C" not null references users (id),
  read_at timestamptz not null,
  primary key (broadcast_id, user_id)
);

create table nodes (
  id text primary key,
  lease_until timestamptz not null
) with (fillfactor = 50);

create table disconnects (
  id uuid primary key,
  connection_id text,
  user_id text,
  reason text,
  at timestamptz not null default clock_timestamp()
);
create index disconnects_at on disconnects (at);

insert into topics (name) values ('broadcast');
`;
