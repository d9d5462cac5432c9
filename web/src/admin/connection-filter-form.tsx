import { type FormEvent, useEffect, useId, useState } from 'react';
import { anyConnection, type ConnectionFilter } from './connection-filter.ts';
import controls from './controls.module.css';
import { shortId } from './format.ts';

interface ConnectionFilterFormProps {
  readonly filter: ConnectionFilter;
  readonly nodeIds: readonly string[];
  readonly onChange: (filter: ConnectionFilter) => void;
}

/** The node counts at once, the user when typed to the end. */
export const ConnectionFilterForm = ({ filter, nodeIds, onChange }: ConnectionFilterFormProps) => {
  const id = useId();
  const [userId, setUserId] = useState(filter.userId);
  useEffect(() => setUserId(filter.userId), [filter.userId]);
  // The chosen node may have gone.
  const choices = [...new Set([...nodeIds, filter.nodeId])].filter((nodeId) => nodeId !== '');

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onChange({ ...filter, userId: userId.trim() });
  };

  return (
    <form className={controls.filter} onSubmit={submit} aria-label="Filter the connections">
      <div className={controls.field}>
        <label htmlFor={`${id}-user`}>User id</label>
        <input
          id={`${id}-user`}
          type="search"
          value={userId}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onChange={({ target }) => setUserId(target.value)}
        />
      </div>
      <div className={controls.field}>
        <label htmlFor={`${id}-node`}>Node</label>
        <select
          id={`${id}-node`}
          value={filter.nodeId}
          onChange={({ target }) => onChange({ userId: userId.trim(), nodeId: target.value })}
        >
          <option value="">Any</option>
          {choices.map((nodeId) => (
            <option key={nodeId} value={nodeId}>
              {shortId(nodeId)}
              {!nodeIds.includes(nodeId) && ' (gone)'}
            </option>
          ))}
        </select>
      </div>
      <button type="submit" className={controls.button}>
        Filter
      </button>
      <button
        type="button"
        className={controls.button}
        disabled={filter.userId === '' && filter.nodeId === '' && userId === ''}
        onClick={() => {
          setUserId('');
          onChange(anyConnection);
        }}
      >
        Clear
      </button>
    </form>
  );
};
