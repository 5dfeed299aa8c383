/** A dashboard as far as its checks look into it. */
export type Dashboard = { uid: string; title: string; panels: Panel[]; templating: { list: Variable[] } };
export type Panel = {
  id: number;
  type: string;
  title: string;
  datasource?: { uid: string };
  targets?: { datasource?: { uid: string }; expr?: string; tags?: string; query?: string }[];
  panels?: Panel[];
};
type Variable = { name: string; type: string; datasource?: { uid: string }; definition?: string };

/** All panels, those in folded rows too. */
export const panelsOf = ({ panels }: { panels?: Panel[] }): Panel[] =>
  (panels ?? []).flatMap((panel) => [panel, ...panelsOf(panel)]);

/** What a variable of Grafana is where nothing was chosen. */
const filledIn = (expression: string): string =>
  expression
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$__range', '30m')
    .replace(/\$(route|mode)/g, '.*');

/** The PromQL of all panels, ready to be asked. */
export const expressionsOf = (dashboard: Dashboard): string[] =>
  panelsOf(dashboard)
    .flatMap(({ targets = [] }) => targets)
    .filter(({ datasource }) => datasource?.uid === 'prometheus')
    .map(({ expr = '' }) => filledIn(expr));
