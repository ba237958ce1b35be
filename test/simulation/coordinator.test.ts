import { describeConformance } from '../integration/coordinator/conformance.js';
import type { Fixture } from '../integration/coordinator/harness.js';
import { CoordinatorLink } from '../support/simulation/coordinator-link.js';
import { CoordinatorServer } from '../support/simulation/coordinator-server.js';
import { installWorld } from '../support/simulation/globals.js';
import { SimulatedCoordinator } from '../support/simulation/simulated-coordinator.js';
import { SimulatedProcess } from '../support/simulation/simulated-process.js';
import { World } from '../support/simulation/world.js';

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
