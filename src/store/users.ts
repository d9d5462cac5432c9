import type { User } from '../domain/entities.ts';
import { notFound } from '../domain/errors.ts';
import { userTopic } from '../domain/topics.ts';
import type { StoreContext } from './context.ts';
import type { UserStore } from './port.ts';
import { toUser, type UserRow, userColumns } from './rows.ts';

export const createUserStore = ({ sql, now }: StoreContext): UserStore => {
  const find = async (id: string): Promise<User | null> => {
    const [row] = await sql.query<UserRow>(`select ${userColumns} from users u where u.id = $1`, [id]);
    return row ? toUser(row) : null;
  };

  return {
    async ensure({ id, name, role }) {
      // Nearly always there already: a read costs nothing to anyone.
      const known = await find(id);
      if (known && known.name === name && known.role === role) return known;
      const [row] = await sql.query<UserRow>(
        `with new_topic as (insert into topics (name) values ($5) on conflict do nothing)
         insert into users as u (id, name, role, created_at) values ($1, $2, $3, $4)
         on conflict (id) do update set name = excluded.name, role = excluded.role
         returning ${userColumns}`,
        [id, name, role, now(), userTopic(id)],
      );
      if (!row) throw new Error('an upsert returned no row');
      return toUser(row);
    },

    find,

    async findMany(ids) {
      const rows = await sql.query<UserRow>(
        `select ${userColumns} from users u where u.id = any($1::text[])`,
        [[...ids]],
      );
      return rows.map(toUser);
    },

    async updateProfile(id, { goals, level, interests }) {
      const [row] = await sql.query<UserRow>(
        `update users u set goals = coalesce($2, goals), level = coalesce($3, level), interests = coalesce($4::text[], interests)
         where u.id = $1 returning ${userColumns}`,
        [id, goals ?? null, level ?? null, interests ? [...interests] : null],
      );
      if (!row) throw notFound('user');
      return toUser(row);
    },

    async setBlocked(id, blocked, reason) {
      const [row] = await sql.query<UserRow>(
        `update users u set blocked_at = case when $2 then coalesce(u.blocked_at, $3) end,
           blocked_reason = case when $2 then $4 end
         where u.id = $1 returning ${userColumns}`,
        [id, blocked, now(), reason],
      );
      return row ? toUser(row) : null;
    },

    async blockedAmong(ids) {
      const rows = await sql.query<{ id: string }>(
        'select id from users where id = any($1::text[]) and blocked_at is not null',
        [[...ids]],
      );
      return rows.map((row) => row.id);
    },
  };
};
