// The viewer's routes as its own source lists them, so that a new one is attacked from its first day.
import { readFileSync } from 'node:fs';

const source = new URL('../../../src/viewer/route_table.cpp', import.meta.url);

/** @returns {{id: string, host: 'viewer'|'site'|'both', method: string, pattern: string, who: string}[]} */
export function readRoutes() {
  const text = readFileSync(source, 'utf8');
  const row = /\{RouteId::(\w+), OnHost::(\w+), Method::(\w+),\s+"([^"]+)",\s+Who::(\w+)\}/g;
  const routes = [...text.matchAll(row)].map(([, id, host, method, pattern, who]) =>
    ({ id, host, method: method.toUpperCase(), pattern, who }));
  const rows = text.split('RouteId::').length - 1;
  if (routes.length !== rows || rows < 10) throw new Error(`${routes.length} of ${rows} routes understood`);
  return routes;
}

/** The path of a route, with its parts filled in. */
export function pathOf(route, parts) {
  return route.pattern.replace(/\{(\w+)[.]*\}/g, (_, name) => parts[name]);
}
