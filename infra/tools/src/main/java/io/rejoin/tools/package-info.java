/**
 * The command line tool for operators, {@code infra/rejoinctl}. Decisions, such as {@code ReplayDecision} and
 * {@code DrainChoice}, are pure and separate from the code that carries them out.
 */
@NullMarked
package io.rejoin.tools;

import org.jspecify.annotations.NullMarked;
