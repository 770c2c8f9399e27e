package io.rejoin.e2e.check;

import io.rejoin.e2e.check.Observation.Deliver;
import io.rejoin.e2e.check.Observation.FinalRead;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A history that a test alters. Lines are identified by their time, which is unique. */
final class Altered {
    private final List<Observation> lines;
    private final Random random;

    Altered(List<Observation> lines, long seed) {
        this.lines = new ArrayList<>(lines);
        this.random = new Random(seed);
    }

    List<Observation> lines() {
        return lines;
    }

    <T extends Observation> List<T> all(Class<T> type, Predicate<T> wanted) {
        return lines.stream().filter(type::isInstance).map(type::cast).filter(wanted).toList();
    }

    /** A random one of these lines. */
    <T extends Observation> T any(Class<T> type, Predicate<T> wanted) {
        var all = all(type, wanted);
        if (all.isEmpty()) throw new AssertionError("this seed has no such " + type.getSimpleName());
        return all.get(random.nextInt(all.size()));
    }

    /** A random delivery that is not marked as redelivered. */
    Deliver anyDelivery() {
        return any(Deliver.class, each -> !each.isRedelivered());
    }

    void remove(Observation line) {
        lines.remove(line);
    }

    void removeIf(Predicate<Observation> unwanted) {
        lines.removeIf(unwanted);
    }

    void replace(Observation line, Observation by) {
        lines.set(lines.indexOf(line), by);
    }

    void replaceAll(UnaryOperator<Observation> by) {
        lines.replaceAll(by);
    }

    void insertAfter(Observation line, Observation added) {
        lines.add(lines.indexOf(line) + 1, added);
    }

    void swap(Observation one, Observation other) {
        var first = lines.indexOf(one);
        var second = lines.indexOf(other);
        lines.set(first, other);
        lines.set(second, one);
    }

    /** The next delivery to the same client, if it is on the same connection; redelivered ones do not count. */
    @Nullable
    Deliver next(Deliver delivery) {
        var next = all(Deliver.class, each -> each.at().client().equals(delivery.at().client())
                && each.at().t() > delivery.at().t() && !each.isRedelivered());
        if (next.isEmpty() || next.getFirst().at().conn() != delivery.at().conn()) return null;
        return next.getFirst();
    }

    /** The time when the client's connection ends. */
    long end(Observation.At at) {
        return all(Observation.Disconnect.class,
                each -> each.at().client().equals(at.client()) && each.at().t() > at.t()).getFirst().at().t();
    }

    static Deliver with(Deliver delivery, long seq, @Nullable String id, String text) {
        return new Deliver(delivery.at(), delivery.room(), seq, delivery.epoch(), id, delivery.author(), text,
                delivery.ts(), delivery.redelivered());
    }

    static FinalRead with(FinalRead read, long seq, String id, String text) {
        return new FinalRead(read.at(), read.source(), read.room(), seq, read.epoch(), id, read.author(), text);
    }
}
