package io.rejoin.contracts.log;

import java.util.List;

/**
 * What stands in a record of {@code rejoin.commands}, one command of some client beside those of others. One that cannot be
 * used costs no other.
 *
 * @param v     the version it was written in
 * @param items in the order of the record; what is told of an index counts in this list
 */
public record CommandRecord(int v, List<Item> items) {
    public CommandRecord {
        items = List.copyOf(items);
    }

    /** One place of the list. */
    public sealed interface Item {
        /** A command. */
        record Usable(Command command) implements Item {}

        /** Something else, and why nobody can carry it out. */
        record Unusable(String reason) implements Item {}
    }
}
