import type { Place } from '../../shell/router.js';
import { useLive } from '../../state/context.js';
import { GroupsPanel } from './groups.js';
import { ProxiesPanel } from './proxies.js';
import { SlotsPanel } from './slots.js';
import { UnderWay } from './under-way.js';

export function RedisPage({ place }: { place: Place }) {
  const { groups } = useLive('groups');
  return (
    <>
      <SlotsPanel key={place.object} place={place} />
      <UnderWay />
      <GroupsPanel groups={[...groups.values()].sort((a, b) => a.number - b.number)} chosen={place.object} />
      <ProxiesPanel chosen={place.object} />
    </>
  );
}
