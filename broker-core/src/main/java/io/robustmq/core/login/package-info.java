/**
 * How clients of every protocol prove who they are: passwords, SCRAM, tokens. An exchange is owned by its connection. Entry:
 * Logins.
 */
@NullMarked
package io.robustmq.core.login;

import org.jspecify.annotations.NullMarked;
