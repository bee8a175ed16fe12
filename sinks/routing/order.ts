/** A provider and its weight in a route; 0: it receives only messages that the others cannot take. */
export interface Weighted {
  readonly name: string;
  readonly weight: number;
}

/**
 * The providers of a route in the order of attempts. The first is drawn by weight. The weight that an unhealthy provider loses goes to the
 * others and to the first backup.
 * `chance` is in [0, 1); `shareOf` returns the fraction of its weight that a provider keeps.
 */
export const orderOf = (route: readonly Weighted[], shareOf: (name: string) => number, chance: number): readonly string[] => {
  if (route.length < 2) return route.map(({ name }) => name);
  const kept = route.map(({ name, weight }) => ({ name, weight: weight * shareOf(name) }));
  const total = route.reduce((sum, { weight }) => sum + weight, 0);
  const lost = total - kept.reduce((sum, { weight }) => sum + weight, 0);
  const backup = route.findIndex(({ weight }) => weight === 0);
  const drawn = kept.map((one, index) => (index === backup ? { ...one, weight: lost } : one));
  let left = chance * drawn.reduce((sum, { weight }) => sum + weight, 0);
  const first = drawn.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  const byWeight = [...drawn].sort((one, other) => other.weight - one.weight);
  return (first ? [first, ...byWeight.filter((one) => one !== first)] : byWeight).map(({ name }) => name);
};
