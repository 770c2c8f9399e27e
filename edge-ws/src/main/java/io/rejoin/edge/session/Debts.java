package io.rejoin.edge.session;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The commands of one connection that are not durable yet (see {@link Owed}). Guarded by the monitor of its
 * {@link Debtor}.
 */
final class Debts {
    /** The owner of the debts. Its monitor guards them. */
    interface Debtor {
        Debts debts();
    }

    /** Created with the first debt, because most connections have no debts for most of their time. */
    private @Nullable Map<Owed.Key, Owed.Debt> open;

    int size() {
        return open == null ? 0 : open.size();
    }

    Owed.@Nullable Debt find(Owed.Key key) {
        return open == null ? null : open.get(key);
    }

    void add(Owed.Debt debt) {
        if (open == null) open = new HashMap<>(2);
        open.put(debt.key, debt);
    }

    void remove(Owed.Debt debt) {
        if (open == null) return;
        open.remove(debt.key);
        if (open.isEmpty()) open = null;
    }
}
