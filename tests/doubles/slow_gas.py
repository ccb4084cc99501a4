"""The growing neural gas slowly and obviously: every node is looked at each time, every edge has its age.

It is to give what the kernels give, bit for bit. So places are rounded to 32 bits, errors are kept divided by
one common factor, and a node's neighbours stand in the order in which their edges are looked at.
"""

import math
import operator

import numpy as np

from engine.painters.gng.gas import DISTANCE, FAINT, SQUARED
from engine.painters.gng.links import LINKS


def rounded(number):
    return float(np.float32(number))


class SlowGas:
    def __init__(self, core):
        self.core = core
        self.xs, self.ys, self.errors, self.wins, self.own, self.alive = [], [], [], [], [], []
        self.neighbours = []  # of each node, in the order of their edges
        self.ages = {}  # of edges, by the set of both ends
        self.spare = []
        self.scale = 1.0

    @property
    def living(self):
        return [i for i, is_alive in enumerate(self.alive) if is_alive]

    def add_node(self, x, y, error, is_own):
        if self.spare:
            i = self.spare.pop()
        else:
            i = len(self.alive)
            for column in (self.xs, self.ys, self.errors, self.wins, self.own, self.alive, self.neighbours):
                column.append(None)
        self.xs[i], self.ys[i], self.errors[i] = rounded(x), rounded(y), error
        self.wins[i], self.own[i], self.alive[i], self.neighbours[i] = 0, is_own, True, []
        return i

    def nearest_two(self, x, y):
        """Pairs of squared distance and index; of those equally near the lowest indices."""
        ranked = []
        for i in self.living:
            right, down = self.xs[i] - x, self.ys[i] - y
            ranked.append((right * right + down * down, i))
        return sorted(ranked)[:2]

    def disconnect(self, i, j):
        del self.ages[frozenset((i, j))]
        for one, other in ((i, j), (j, i)):
            links = self.neighbours[one]
            links[links.index(other)] = links[-1]
            links.pop()

    def connect(self, i, j):
        if frozenset((i, j)) not in self.ages:
            for end in (i, j):
                if len(self.neighbours[end]) == LINKS:
                    oldest = [(-self.ages[frozenset((end, other))], other) for other in self.neighbours[end]]
                    self.disconnect(end, min(oldest)[1])
            self.neighbours[i].append(j)
            self.neighbours[j].append(i)
        self.ages[frozenset((i, j))] = 0

    def drop_old(self, i, age, may_die):
        place = 0
        while place < len(self.neighbours[i]):
            other = self.neighbours[i][place]
            if self.ages[frozenset((i, other))] <= age:
                place += 1
                continue
            self.disconnect(i, other)
            if may_die and not self.neighbours[other]:
                self.alive[other] = False
                self.spare.append(other)

    def pull(self, i, x, y, share):
        self.xs[i] = rounded(self.xs[i] + share * (x - self.xs[i]))
        self.ys[i] = rounded(self.ys[i] + share * (y - self.ys[i]))

    def learn(self, rules, x, y, winner, neighbour, all_move, may_die):
        (near, first), (_, second) = self.nearest_two(x, y)
        self.wins[first] += 1
        for other in self.neighbours[first]:
            self.ages[frozenset((first, other))] += 1
        gain = {SQUARED: near, DISTANCE: math.sqrt(near)}.get(rules.measure, 1.0)
        self.errors[first] += gain / self.scale
        if near > rules.near * rules.near:
            for i in [first, *self.neighbours[first]]:
                if all_move or self.own[i]:
                    self.pull(i, x, y, winner if i == first else neighbour)
        self.connect(first, second)
        self.drop_old(first, rules.age, may_die)
        self.scale *= rules.decay
        if self.scale < FAINT:
            self.errors = [error * self.scale for error in self.errors]
            self.scale = 1.0

    def insert(self, rules):
        worst = max(self.living, key=lambda i: (self.errors[i], -i))
        if self.neighbours[worst]:
            other = max(self.neighbours[worst], key=lambda i: (self.errors[i], -i))
        else:
            nearest = [i for _, i in self.nearest_two(self.xs[worst], self.ys[worst])]
            other = nearest[1] if nearest[0] == worst else nearest[0]
            self.connect(worst, other)
        x, y = (self.xs[worst] + self.xs[other]) / 2, (self.ys[worst] + self.ys[other]) / 2
        self.errors[worst] *= rules.split
        self.errors[other] *= rules.split
        x0, y0, x1, y1 = self.core
        new = self.add_node(x, y, self.errors[worst], x0 <= x < x1 and y0 <= y < y1)
        self.disconnect(worst, other)
        self.connect(worst, new)
        self.connect(other, new)

    def is_short(self, quota):
        """Whether there are fewer own nodes than there are to be."""
        return self.missing(quota) > 0

    def missing(self, quota):
        """How many own nodes there are still to be."""
        return quota - sum(map(operator.and_, self.own, self.alive))

    def grow(self, draw, rules, samples, quota, interval, all_move, room):
        """draw: gives the next sample. Returns how many there were."""
        due, done = interval, 0
        while (done < samples or self.is_short(quota)) and done < 4 * samples + 1000:
            along = min(done / samples, 1.0) if samples else 1.0
            winner = rules.winner + along * (rules.winner_end - rules.winner)
            neighbour = rules.neighbour + along * (rules.neighbour_end - rules.neighbour)
            x, y = draw()
            self.learn(rules, x, y, winner, neighbour, all_move, self.is_short(quota))
            done += 1
            while done >= due and self.is_short(quota) and self.missing(quota) <= room - len(self.living):
                self.insert(rules)
                due += interval
        return done
