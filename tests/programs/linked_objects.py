"""Objects that hold others of their class or None: lists with links, trees, the best of many."""

from dataclasses import dataclass

import numpy as np

from tests.programs import program

X = np.array([0.4, -1.1, 0.7, 1.9, -0.3, 0.8, -0.6, 1.2, 0.1])
Y = np.array([1.3, 0.6, -0.9, 1.4, 0.5, -1.2, 0.2, -0.4, 1.1])


class Node:
    def __init__(self, value, after=None):
        self.value, self.after = value, after


def linked(x):
    head = None
    for v in x:
        head = Node(v, head)
    return head


def along(node):
    total, k = 0.0, 1
    while node is not None:
        total = 0.7 * total + k * np.sin(node.value)
        node, k = node.after, k + 1
    return total


@program(X, peer=False)
@program(X[:0], name="none_is_linked", peer=False)
def linked_and_walked(x):
    return along(linked(x)) + np.sum(x**2)


@program(X, peer=False)
def linked_where_positive(x):
    head = None
    for v in x:
        if v > 0:
            head = Node(v * v, head)
    total = 0.0
    while head:
        total = 0.9 * total + np.sin(head.value)
        head = head.after
    return total


@program(X, peer=False)
def links_reversed(x):
    node, before = linked(x), None
    while node is not None:
        after = node.after
        node.after = before
        before, node = node, after
    return along(before)


@program(X, peer=False)
def put_in_at_its_place(x):
    head = None
    for v in x:
        if head is None or v < head.value:
            head = Node(v, head)
        else:
            node = head
            while node.after is not None and node.after.value < v:
                node = node.after
            node.after = Node(v, node.after)
    return along(head)


@program(X, peer=False)
def negative_ones_taken_out(x):
    head = node = linked(x)
    before = None
    while node is not None:
        if node.value >= 0:
            before = node
        elif before is None:
            head = node.after
        else:
            before.after = node.after
        node = node.after
    return along(head)


@program(X, peer=False)
def ring_of_links(x):
    first = last = None
    for v in x:
        node = Node(v)
        if first is None:
            first = node
        else:
            last.after = node
        last = node
    last.after = first
    node, total = first, 0.0
    for k in range(2 * len(x) + 1):
        total += k * node.value**2
        node.value *= 0.9
        node = node.after
    return total


@program(X, Y, argnums=(0, 1), peer=False)
def arrays_in_links(x, y):
    head = None
    for v in x:
        head = Node(v * y, head)
    total = 0.0
    while head is not None:
        head.value[0] += total
        total += np.sum(np.sin(head.value) * y)
        head = head.after
    return total


@program(X, peer=False)
def changed_from_link_to_link(x):
    node = linked(x)
    while node.after is not None:
        node.after.value += 0.5 * np.sin(node.value)
        node = node.after
    return node.value**2


@program(X, peer=False)
def exchanged_along_links(x):
    head = linked(x)
    swapped = True
    while swapped:
        swapped, node = False, head
        while node.after is not None:
            if node.value > node.after.value:
                node.value, node.after.value = node.after.value, node.value
                swapped = True
            node = node.after
    return along(head)


class Stack:
    def __init__(self):
        self.top, self.count = None, 0

    def push(self, value):
        self.top = Node(value, self.top)
        self.count += 1

    def pop(self):
        node = self.top
        self.top = node.after
        self.count -= 1
        return node.value


@program(X, peer=False)
def stack_of_links(x):
    stack = Stack()
    for v in x:
        if v < 0 and stack.count > 0:
            stack.push(stack.pop() * v + v)
        else:
            stack.push(v)
    total = 0.0
    while stack.count:
        total = 0.5 * total + np.sin(stack.pop())
    return total


class Both:
    def __init__(self, value):
        self.value, self.before, self.after = value, None, None


class Queue:
    def __init__(self):
        self.first = self.last = None

    def push(self, value):
        node = Both(value)
        if self.last is None:
            self.first = self.last = node
        else:
            node.before, self.last.after = self.last, node
            self.last = node

    def pop(self):
        node = self.first
        self.first = node.after
        if self.first is None:
            self.last = None
        else:
            self.first.before = None
        return node.value


@program(X, peer=False)
def queue_linked_both_ways(x):
    queue, total = Queue(), 0.0
    for k in range(len(x)):
        queue.push(x[k])
        if k % 3 == 2:
            total = 0.9 * total + queue.pop() ** 2
    node = queue.last
    while node is not None:
        total = 0.8 * total + np.sin(node.value)
        node = node.before
    return total


# -- the best of many ------------------------------------------------------------------------------


class Particle:
    def __init__(self, x, v):
        self.x, self.v, self.cost = x, v, (x - 0.3) ** 2

    def moved(self, by):
        self.x = self.x + by * self.v
        return self


@program(X, Y, argnums=(0, 1), peer=False)
def best_changed_after(x, y):
    best = None
    for k in range(len(x)):
        particle = Particle(x[k], y[k])
        if best is None or particle.cost < best.cost:
            best = particle
    best.v += best.x
    return best.moved(0.3).x * best.v


@program(X, Y, argnums=(0, 1), peer=False)
def best_changed_meanwhile(x, y):
    best = None
    for k in range(len(x)):
        particle = Particle(x[k], y[k])
        if best is None or particle.cost < best.cost:
            best = particle.moved(0.1)
        else:
            best.v *= 0.9
    return best.x * best.v


@program(X, Y, argnums=(0, 1), peer=False)
def first_and_second_both_changed(x, y):
    first = second = None
    for k in range(len(x)):
        particle = Particle(x[k], y[k])
        if first is None or particle.cost < first.cost:
            first, second = particle, first
        elif second is None or particle.cost < second.cost:
            second = particle
        if second is not None:
            second.v += 0.1 * first.x
    return first.x * first.v + second.x * second.v


@program(X, Y, argnums=(0, 1), peer=False)
def two_names_of_one(x, y):
    now = first = None
    for k in range(len(x)):
        if now is None or x[k] > 1.0:
            now = Particle(x[k], y[k])
            if first is None:
                first = now
        now.v = 0.9 * now.v + np.sin(x[k])
        first.x += 0.1 * now.v * first.v
    return now.v * first.x


@program(X, peer=False)
def best_beside_its_score(x):
    best = (None, 0.0)
    for v in x:
        node = Node(v)
        if best[0] is None or v > best[1]:
            best = (node, v)
        best[0].value *= 1.1
    return best[0].value * best[1]


@program(X, 9.0, argnums=(0,), peer=False)
def attribute_of_none(x, least):
    found = None
    for v in x:
        if v > least:
            found = Node(v, found)
    try:
        return found.value
    except AttributeError:
        return np.sum(x**3)


@dataclass
class State:
    time: float
    value: float
    parent: "State" = None


@program(X, peer=False)
def way_back_from_the_best(x):
    now = best = State(0.1, x[0])
    for k in range(1, len(x)):
        now = State(now.time + 0.1, 0.5 * now.value + x[k], now)
        if now.value > best.value:
            best = now
    total = 0.0
    while best is not None:
        total += best.value**2 * best.time
        best = best.parent
    return total


# -- trees -----------------------------------------------------------------------------------------


class Tree:
    def __init__(self, key):
        self.key, self.left, self.right, self.count = key, None, None, 1


def inserted(root, key):
    made = Tree(key)
    if root is None:
        return made
    node = root
    while True:
        node.count += 1
        if key < node.key:
            if node.left is None:
                node.left = made
                return root
            node = node.left
        else:
            if node.right is None:
                node.right = made
                return root
            node = node.right


@program(X, peer=False)
def tree_in_its_order(x):
    root = None
    for v in x:
        root = inserted(root, v)
    waiting, node, total = [], root, 0.0
    while waiting or node is not None:
        while node is not None:
            waiting.append(node)
            node = node.left
        node = waiting.pop()
        total = 0.9 * total + np.sin(node.key) * node.count
        node = node.right
    return total


class Family:
    def __init__(self, value):
        self.value, self.children = value, []


@program(X, peer=False)
def tree_of_lists(x):
    root = last = None
    for v in x:
        one = Family(v)
        if root is None:
            root = one
        else:
            last.children.append(one)
        if v > 0 or last is None:
            last = one
    total, waiting = 0.0, [root]
    while waiting:
        one = waiting.pop()
        total = 0.9 * total + np.sin(one.value) * len(one.children)
        for child in one.children:
            child.value *= 1.1
            waiting.append(child)
    return total


# -- one of a sequence of known length -------------------------------------------------------------


@program(X, Y, argnums=(0, 1), peer=False)
def one_of_three_links(x, y):
    three, head = [Node(x[0]), Node(x[1]), Node(x[2])], None
    for v in y:
        if v > 0:
            head = Node(v, head)
    three[int(np.argmax(x[:3]))].value *= 3.0
    return three[0].value + three[1].value ** 2 + three[2].value * head.value


@program(X, peer=False)
def one_of_three_rows(x):
    a = x.reshape(3, 3).copy()
    rows = [a[0], a[1], a[2]]
    k = int(np.argmax(x[:3]))
    rows[k][1] *= 3.0
    return np.sum(a**3) + rows[k][1] + rows[0][1] * rows[2][1]


@program(X, peer=False)
def one_of_three_slices(x):
    a = x.copy()
    parts = [a[:3], a[2:5], a[4:7]]
    k = int(np.argmax(x[:3]))
    parts[k][1] *= a[0]
    return np.sum(a**3) + parts[k][1] * parts[0][2] * parts[2][0]


# -- by recursion ----------------------------------------------------------------------------------


def added(tree, key):
    if tree is None:
        return Tree(key)
    if key < tree.key:
        tree.left = added(tree.left, key)
    else:
        tree.right = added(tree.right, key)
    tree.count += 1
    return tree


def tree_of(x):
    root = None
    for v in x:
        root = added(root, v)
    return root


def total(tree, weight=1.0):
    if tree is None:
        return 0.0
    below = total(tree.left, 0.7 * weight) + total(tree.right, 1.2 * weight)
    return weight * np.sin(tree.key) * tree.count + below


@program(X, peer=False)
def tree_by_recursion(x):
    return total(tree_of(x))


def scaled(tree, by):
    if tree is not None:
        tree.key *= by
        scaled(tree.left, 0.9 * by)
        scaled(tree.right, 1.1 * by)


@program(X, peer=False)
def tree_changed_by_recursion(x):
    root = tree_of(x)
    scaled(root, 1.3)
    return total(root)


def near(tree, key):
    if tree is None or abs(tree.key - key) < 0.15:
        return tree
    return near(tree.left, key) if key < tree.key else near(tree.right, key)


@program(X, 0.45, argnums=(0,), peer=False)
@program(X, 9.0, name="none_found_by_recursion", argnums=(0,), peer=False)
def found_by_recursion(x, key):
    root = tree_of(x)
    found = near(root, key)
    if found is None:
        return 2.0 * total(root)
    found.key *= 3.0
    return total(root) + found.key


def smallest(tree):
    return tree if tree.left is None else smallest(tree.left)


def without(tree, key):
    if tree is None:
        return None
    if key < tree.key:
        tree.left = without(tree.left, key)
    elif key > tree.key:
        tree.right = without(tree.right, key)
    else:
        if tree.left is None:
            return tree.right
        if tree.right is None:
            return tree.left
        tree.key = smallest(tree.right).key
        tree.right = without(tree.right, tree.key)
    return tree


@program(X, peer=False)
def taken_out_by_recursion(x):
    root = tree_of(x)
    for k in range(0, len(x), 3):
        root = without(root, x[k])
    return total(root)


def halves(head):
    if head is None or head.after is None:
        return head, None
    slow, fast = head, head.after
    while fast is not None and fast.after is not None:
        slow, fast = slow.after, fast.after.after
    middle, slow.after = slow.after, None
    return head, middle


def merged(a, b):
    if a is None:
        return b
    if b is None:
        return a
    if a.value < b.value:
        a.after = merged(a.after, b)
        return a
    b.after = merged(a, b.after)
    return b


def in_order(head):
    if head is None or head.after is None:
        return head
    a, b = halves(head)
    return merged(in_order(a), in_order(b))


@program(X, peer=False)
def links_sorted_by_merging(x):
    return along(in_order(linked(x)))


class Search:
    def __init__(self):
        self.root, self.count = None, 0

    def add(self, key):
        self.root = self._added(self.root, key)
        self.count += 1

    def _added(self, node, key):
        if node is None:
            return Tree(key)
        if key < node.key:
            node.left = self._added(node.left, key)
        else:
            node.right = self._added(node.right, key)
        return node

    def fold(self, node, weight):
        if node is None:
            return 0.0
        below = self.fold(node.left, weight + 1) + self.fold(node.right, weight + 2)
        return weight * node.key**2 + below


@program(X, peer=False)
def tree_in_an_object(x):
    search = Search()
    for v in x:
        search.add(v)
    return search.fold(search.root, 1) * search.count


def rows_below(tree):
    if tree is None:
        return 0.0
    tree.key[0] *= 2.0
    return np.sum(np.sin(tree.key)) + 0.5 * rows_below(tree.left) + 0.3 * rows_below(tree.right)


@program(X, peer=False)
def arrays_in_a_tree(x):
    root = None
    for k in range(len(x)):
        tree = Tree(x[k] * x)
        if root is not None and x[k] > 0:
            tree.left = root
        elif root is not None:
            tree.right = root
        root = tree
    return rows_below(root)


# -- in several lists ------------------------------------------------------------------------------


@program(X, peer=False)
def new_ones_among_those_of_another_list(x):
    nodes, near = [Node(v) for v in x], []
    for node in nodes:
        near.append(node)
        if node.value > 0:
            near.append(Node(2.0 * node.value))
    for node in near:
        node.value *= 1.1
    return sum(n.value**2 for n in nodes) + sum(np.sin(n.value) for n in near)


@program(X, peer=False)
def those_of_two_lists_in_one(x):
    first, second = [Node(v) for v in x], [Node(v * v) for v in x]
    both = list(first)
    for node in second:
        if node.value > 0.5:
            both.append(node)
    for node in both:
        node.value *= 1.1
    return sum(n.value**2 for n in first) + sum(np.sin(n.value) for n in second)


@program(X, peer=False)
def some_twice_in_their_list(x):
    nodes = []
    for v in x:
        node = Node(v)
        nodes.append(node)
        if v > 0:
            nodes.append(node)
    for node in nodes:
        node.value *= 1.1
    return sum(n.value**2 for n in nodes)


@program(X, peer=False)
def ring_in_a_list(x):
    nodes = [Node(v) for v in x]
    for k in range(len(nodes)):
        nodes[k].after = nodes[(k + 1) % len(nodes)]
    for _ in range(3):
        for node in nodes:
            node.value += 0.1 * node.after.value
    return sum(n.value**2 for n in nodes)


@program(X, peer=False)
def waiting_and_done(x):
    waiting, done = [], []
    for v in x:
        waiting.append(Node(v))
        if v > 0 and len(waiting) > 1:
            node = waiting.pop(0)
            node.value *= v
            done.append(node)
    for node in waiting:
        node.value *= 2.0
    return sum(n.value for n in done) + sum(n.value**2 for n in waiting)


@program(X, peer=False)
def sorted_under_a_name(x):
    nodes = [Node(v) for v in x]
    best = nodes[0]
    nodes.sort(key=lambda n: n.value)
    best.value *= 3.0
    nodes[0].value *= 2.0
    return sum((k + 1) * n.value for k, n in enumerate(nodes))


def squares(chosen, k):
    if k == len(chosen):
        return 0.0
    here = 1.0 if chosen[k] is None else chosen[k].value ** 2
    return here + 0.5 * squares(chosen, k + 1)


@program(X, peer=False)
def chosen_or_none_by_recursion(x):
    nodes, chosen, best = [Node(v) for v in x], [], None
    for node in nodes:
        node.value *= 1.1
        if best is None or node.value > best.value:
            best = node
        chosen.append(best if node.value > 0 else None)
    return squares(chosen, 0)
