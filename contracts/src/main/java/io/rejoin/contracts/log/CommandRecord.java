package io.rejoin.contracts.log;

import java.util.List;

/**
 * The content of one record of {@code rejoin.commands}, command by command. A record holds commands of several clients.
 * One unusable command does not affect the others.
 *
 * @param v     version in which the record was written
 * @param items in the order of the record; every index of a command refers to this list
 */
public record CommandRecord(int v, List<Item> items) {
    public CommandRecord {
        items = List.copyOf(items);
    }

    /** One element of the record. */
    public sealed interface Item {
        /** A readable command. */
        record Usable(Command command) implements Item {}

        /** An element that is not a usable command, and the reason. */
        record Unusable(String reason) implements Item {}
    }
}
