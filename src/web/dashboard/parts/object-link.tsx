import { linkToObject } from '../shell/router.js';

/** To where an object is shown. Ids of operations are long, and what stands beside says what they are. */
export function ObjectLink({ target }: { target: string }) {
  return (
    <a href={linkToObject(target)} title={target}>
      {target.replace(/^(operation\/\w{8})-.*/, '$1…')}
    </a>
  );
}
