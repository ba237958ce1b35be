import { slotsOfGroup, whoLeads } from './client.js';

const url = process.argv[2] ?? 'http://127.0.0.1:4000';
const { cluster } = await whoLeads(url, {});
console.log(`${cluster.name} is ${cluster.health} and led by ${cluster.leader?.name ?? 'nobody'}`);
const { group } = await slotsOfGroup(url, { number: 1 });
console.log(group === null ? 'There is no group 1.' : `Group 1 has ${group.slotCount} slots.`);
