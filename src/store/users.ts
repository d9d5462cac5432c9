import type { User } from '../domain/entities.ts';
import { notFound } from '../domain/errors.ts';
import { isStorable } from '../domain/text.ts';
import { userTopic } from '../domain/topics.ts';
import type { StoreContext } from './context.ts';
import type { UserStore } from './port.ts';
import { toUser, type UserRow, userColumns } from './rows.ts';
import { shareStatement } from './share-statement.ts';

type Login = Parameters<UserStore['ensure']>[0];

export const createUserStore = ({ sql, now }: StoreContext): UserStore => {
  const find = async (id: string): Promise<User | null> => {
    const [row] = await sql.query<UserRow>(`select ${userColumns} from users u where u.id = $1`, [id]);
    return row ? toUser(row) : null;
  };

  const findMany = async (ids: readonly string[]): Promise<User[]> => {
    const rows = await sql.query<UserRow>(`select ${userColumns} from users u where u.id = any($1::text[])`, [
      [...ids],
    ]);
    return rows.map(toUser);
  };

  /** Each id once. Sorted, otherwise two nodes that do this at once may wait for each other. */
  const upsert = async (logins: readonly Login[]): Promise<User[]> => {
    const rows = await sql.query<UserRow>(
      `with logins as (select * from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as l (id, name, role, topic)),
       new_topics as (insert into topics (name) select topic from logins order by topic on conflict do nothing)
       insert into users as u (id, name, role, created_at) select id, name, role, $5 from logins order by id
       on conflict (id) do update set name = excluded.name, role = excluded.role
       returning ${userColumns}`,
      [
        logins.map(({ id }) => id),
        logins.map(({ name }) => name),
        logins.map(({ role }) => role),
        logins.map(({ id }) => userTopic(id)),
        now(),
      ],
    );
    return rows.map(toUser);
  };

  const ensureEach = async (logins: readonly Login[]): Promise<User[]> => {
    // Nearly always there already: a read costs nothing to anyone.
    const known = await findMany(logins.map(({ id }) => id));
    const users = new Map(known.map((user) => [user.id, user]));
    const changed = new Map<string, Login>();
    for (const login of logins) {
      const user = users.get(login.id);
      if (user?.name !== login.name || user.role !== login.role) changed.set(login.id, login);
    }
    if (changed.size > 0) {
      for (const user of await upsert([...changed.values()])) users.set(user.id, user);
    }
    return logins.map(({ id }) => {
      const user = users.get(id);
      if (!user) throw new Error('an upsert returned no row');
      return user;
    });
  };

  return {
    ensure: shareStatement({
      run: ensureEach,
      idOf: ({ id, name, role }: Login) => JSON.stringify([id, name, role]),
    }),

    find,

    findMany,

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
      if (!isStorable(id)) return null;
      const [row] = await sql.query<UserRow>(
        `update users u set blocked_at = case when $2 then coalesce(u.blocked_at, clock_timestamp()) end,
           blocked_reason = case when $2 then $3 end
         where u.id = $1 returning ${userColumns}`,
        [id, blocked, reason],
      );
      return row ? toUser(row) : null;
    },
  };
};
