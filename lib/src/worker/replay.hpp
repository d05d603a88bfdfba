// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_WORKER_REPLAY_HPP
#define PROCPOOL_WORKER_REPLAY_HPP

#include "handshake/start_message.hpp"

#include <optional>
#include <string>

namespace procpool::serving {

/// The value of this environment variable is the file of a call that init() runs again, in a process that
/// is no worker. It is removed first, so that processes which the task starts do not run the call, too.
inline constexpr const char* replay_variable = "PROCPOOL_REPLAY";

/// Exit statuses of a process that runs a saved call again.
enum replay_status : int { replay_returned = 0, replay_threw = 1, replay_refused = 2 };

/// The copy of the library whose pool has saved the call; nullopt: the file cannot be read, or is no saved
/// call. Says so on standard error.
std::optional<copy_identity> copy_of_saved_call(const std::string& file);
/// Says why the call cannot be run again, and ends the process.
[[noreturn]] void refuse_replay(const std::string& file, const std::string& why);

/// Runs the saved call of this copy of the library, prints its outcome to standard output, and ends the
/// process as exit() does.
void replay_file(const char* file);

} // namespace procpool::serving

#endif
