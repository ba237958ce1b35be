import { describeConformance } from '../integration/coordinator/conformance.js';
import type { Fixture } from '../integration/coordinator/harness.js';
import { CoordinatorLink } from '../harness/simulation/coordinator-link.js';
import { CoordinatorServer } from '../harness/simulation/coordinator-server.js';
import { installWorld } from '../harness/simulation/globals.js';
import { SimulatedCoordinator } from '../harness/simulation/simulated-coordinator.js';
import { SimulatedProcess } from '../harness/simulation/simulated-process.js';
import { World } from '../harness/simulation/world.js';

const immediately = setImmediate;

async function openFixture(): Promise<Fixture> {
  const world = new World(1);
  const restore = installWorld(world);
  const server = new CoordinatorServer(world);
  const processes: SimulatedProcess[] = [];
  let isOver = false;
  const time = (async () => {
    while (!isOver) {
      await new Promise((resolve) => immediately(resolve));
      await world.step();
    }
  })();
  const client = async (): Promise<SimulatedCoordinator> => {
    const process = new SimulatedProcess(`client-${processes.length}`);
    processes.push(process);
    const coordinator = new SimulatedCoordinator(
      world,
      server,
      new CoordinatorLink(world, process, world.random.fork()),
    );
    await world.runAs(process, () => coordinator.start());
    return inNameOf(world, process, coordinator);
  };
  return {
    coordinator: await client(),
    other: client,
    abandon: () => {
      for (const process of processes) process.die();
      return client();
    },
    dispose: async () => {
      isOver = true;
      await time;
      restore();
    },
  };
}

/** What is called from outside runs as code of the process. */
function inNameOf<T extends object>(world: World, process: SimulatedProcess, target: T): T {
  return new Proxy(target, {
    get: (of, name) => {
      const value: unknown = Reflect.get(of, name);
      if (typeof value !== 'function') return value;
      return (...values: unknown[]) =>
        world.runAs(process, () => Reflect.apply(value, of, values) as unknown);
    },
  });
}

describeConformance('the simulated coordinator', openFixture);
