// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_TEST_CAPTURED_ERRORS_HPP
#define PROCPOOL_TEST_CAPTURED_ERRORS_HPP

#include "support/temporary_folder.hpp"

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include <fcntl.h>
#if defined(_WIN32)
#include <io.h>
#include <share.h>
#include <sys/stat.h>
#else
#include <unistd.h>
#endif

namespace procpool::test {

/// Captures what is written to standard error while the object exists.
class captured_errors {
  public:
    captured_errors() {
        std::fflush(stderr);
        const int file = create(path_);
        replace(file);
    }
    captured_errors(const captured_errors&) = delete;
    captured_errors& operator=(const captured_errors&) = delete;
    ~captured_errors() { restore(); }

    std::string text() {
        restore();
        std::ostringstream out;
        out << std::ifstream(path_).rdbuf();
        return out.str();
    }

  private:
    static constexpr int standard_error = 2;

#if defined(_WIN32)
    static int create(const std::string& path) {
        int file = -1;
        ::_sopen_s(&file, path.c_str(), _O_WRONLY | _O_CREAT | _O_NOINHERIT, _SH_DENYNO,
                   _S_IREAD | _S_IWRITE);
        return file;
    }
    static int save() {
        return ::_dup(standard_error);
    }
    static void replace(int with) {
        ::_dup2(with, standard_error);
        ::_close(with);
    }
#else
    static int create(const std::string& path) {
        return ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    }
    static int save() {
        return ::fcntl(standard_error, F_DUPFD_CLOEXEC, 0);
    }
    static void replace(int with) {
        ::dup2(with, standard_error);
        ::close(with);
    }
#endif

    void restore() {
        if (saved_ == -1)
            return;
        std::fflush(stderr);
        replace(saved_);
        saved_ = -1;
    }

    temporary_folder folder_;
    std::string path_ = folder_.file("errors");
    int saved_ = save();
};

} // namespace procpool::test

#endif
