import { useId } from 'preact/hooks';
import type { FieldSpec } from './action.js';

export interface FieldProps {
  readonly field: FieldSpec;
  readonly value: string | boolean;
  readonly onChange: (value: string | boolean) => void;
  /** What the service has against it. */
  readonly complaint: string | undefined;
}

const INPUT_TYPES = { password: 'password', number: 'number', time: 'datetime-local', text: 'text' } as const;

/** One field with its label, its help and what is wrong with it. */
export function Field(props: FieldProps) {
  return props.field.kind === 'check' ? <CheckField {...props} /> : <TextField {...props} />;
}

function CheckField({ field: { name, label, help }, value, onChange }: FieldProps) {
  return (
    <label class="check">
      <input
        type="checkbox"
        name={name}
        checked={value === true}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      <span>
        {label}
        {help !== undefined && <small>{help}</small>}
      </span>
    </label>
  );
}

function TextField({ field, value, onChange, complaint }: FieldProps) {
  const id = useId();
  const { name, kind, label, help, isRequired, placeholder, choices = [] } = field;
  const common = {
    id,
    name,
    value: typeof value === 'string' ? value : '',
    required: isRequired ?? false,
    'aria-describedby': `${id}-help`,
    'aria-invalid': complaint !== undefined,
    ...(placeholder !== undefined && { placeholder }),
    onInput: ({ currentTarget }: { currentTarget: { value: string } }): void => onChange(currentTarget.value),
  };
  const control = (): preact.JSX.Element => {
    if (kind === 'area' || kind === 'lines') return <textarea {...common} rows={kind === 'lines' ? 2 : 3} />;
    if (kind !== 'choice' && kind !== 'check') {
      const autocomplete = kind === 'password' ? 'new-password' : 'off';
      return <input {...common} type={INPUT_TYPES[kind]} autocomplete={autocomplete} />;
    }
    return (
      <select {...common}>
        {choices.map((choice) => (
          <option value={choice.value}>{choice.label}</option>
        ))}
      </select>
    );
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {control()}
      <small id={`${id}-help`} class={complaint === undefined ? undefined : 'complaint'}>
        {complaint ?? help}
      </small>
    </div>
  );
}
