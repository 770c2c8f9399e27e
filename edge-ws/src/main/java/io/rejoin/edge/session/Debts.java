package io.rejoin.edge.session;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the routers are still to learn about one connection. Guarded by the monitor of its {@link Debtor}. */
final class Debts {
    /** Whose debts they are, and the monitor that guards them. */
    interface Debtor {
        Debts debts();
    }

    /** Made with the first debt: most connections owe nothing for most of their time. */
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
