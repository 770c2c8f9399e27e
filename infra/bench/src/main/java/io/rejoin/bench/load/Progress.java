package io.rejoin.bench.load;

/** Hears where a load is, at once; has to be quick. */
interface Progress {
    /** What is due from now on is measured. */
    void windowBegins();

    /** Nothing more is posted; what is under way may still come. */
    void windowEnds();
}
