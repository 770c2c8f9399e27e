package io.rejoin.edge.http;

import io.rejoin.contracts.client.RefusalCode;

/** What came is no request that can be answered otherwise; nothing that follows it can be trusted. */
final class RequestRefused extends Exception {
    private static final long serialVersionUID = 1;

    private final RefusalCode code;

    RequestRefused(RefusalCode code, String message) {
        super(message);
        this.code = code;
    }

    static RequestRefused bad(String message) {
        return new RequestRefused(RefusalCode.BAD_REQUEST, message);
    }

    RefusalCode code() {
        return code;
    }
}
