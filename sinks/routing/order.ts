/** A provider and how much of a route's messages it takes; 0: only what the others cannot. */
export interface Weighted {
  readonly name: string;
  readonly weight: number;
}

/**
 * The providers of a route in the order in which they are asked. The first is drawn by weight; what an ill provider does
 * not keep of its weight goes to the others, and to the first backup.
 * `chance` is in [0, 1); `shareOf` tells what a provider keeps of its weight.
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
