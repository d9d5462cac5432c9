import { type ReactNode, useId } from 'react';
import { type BroadcastDraft, type DraftProblems, type Expiry, maxTextLength } from './broadcast-draft.ts';
import controls from './controls.module.css';

interface BroadcastFieldsProps {
  readonly draft: BroadcastDraft;
  readonly problems: DraftProblems;
  readonly onChange: (change: Partial<BroadcastDraft>) => void;
}

const expiries: Record<Expiry, string> = {
  default: 'as long as the server says',
  hour: '1 hour',
  day: '1 day',
  week: '1 week',
  until: 'until …',
};

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly problem: string | undefined;
  readonly children: ReactNode;
}

const Field = ({ id, label, hint, problem, children }: FieldProps) => (
  <div className={controls.field}>
    <label htmlFor={id}>{label}</label>
    {children}
    {hint && (
      <p id={`${id}-hint`} className={controls.hint}>
        {hint}
      </p>
    )}
    {problem && (
      <p id={`${id}-problem`} className={controls.problem}>
        {problem}
      </p>
    )}
  </div>
);

const described = (id: string, problem: string | undefined) => ({
  id,
  'aria-invalid': problem !== undefined,
  'aria-describedby': problem === undefined ? `${id}-hint` : `${id}-hint ${id}-problem`,
});

export const BroadcastFields = ({ draft, problems, onChange }: BroadcastFieldsProps) => {
  const id = useId();
  const { text, audience, named, expiry, until } = draft;
  return (
    <>
      <Field
        id={`${id}-text`}
        label="Announcement"
        hint={`${text.length} of ${maxTextLength} characters`}
        problem={problems.text}
      >
        <textarea
          {...described(`${id}-text`, problems.text)}
          rows={4}
          value={text}
          onChange={({ target }) => onChange({ text: target.value })}
        />
      </Field>
      <fieldset className={controls.choices}>
        <legend>For</legend>
        <label>
          <input
            type="radio"
            name={`${id}-audience`}
            checked={audience === 'all'}
            onChange={() => onChange({ audience: 'all' })}
          />{' '}
          Everyone
        </label>
        <label>
          <input
            type="radio"
            name={`${id}-audience`}
            checked={audience === 'named'}
            onChange={() => onChange({ audience: 'named' })}
          />{' '}
          Named users
        </label>
      </fieldset>
      {audience === 'named' && (
        <Field
          id={`${id}-named`}
          label="User ids"
          hint="Apart by spaces, commas or lines; at most 1,000"
          problem={problems.userIds}
        >
          <textarea
            {...described(`${id}-named`, problems.userIds)}
            rows={2}
            value={named}
            autoCapitalize="none"
            spellCheck={false}
            onChange={({ target }) => onChange({ named: target.value })}
          />
        </Field>
      )}
      <Field
        id={`${id}-expiry`}
        label="Shown for"
        problem={expiry === 'until' ? undefined : problems.expiresAt}
      >
        <select
          id={`${id}-expiry`}
          value={expiry}
          onChange={({ target }) => onChange({ expiry: target.value as Expiry })}
        >
          {Object.entries(expiries).map(([value, title]) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
        </select>
      </Field>
      {expiry === 'until' && (
        <Field id={`${id}-until`} label="Until" hint="In your time zone" problem={problems.expiresAt}>
          <input
            {...described(`${id}-until`, problems.expiresAt)}
            type="datetime-local"
            value={until}
            onChange={({ target }) => onChange({ until: target.value })}
          />
        </Field>
      )}
    </>
  );
};
