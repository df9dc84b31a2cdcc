-- How two identities' names and dates are compared. Macros of the linkage models; the dear ones come last in a CASE.

-- a word in common, or the same letters in other words
create or replace macro words_meet(a, b) as
    list_has_any(a, b) or array_to_string(a, '') = array_to_string(b, '');

-- two words alike in spelling
create or replace macro words_near(a, b) as
    list_max(list_transform(a, lambda x: list_max(list_transform(b, lambda y: jaro_winkler_similarity(x, y))))) >= 0.9;

-- one slip between two dates (YYYYMMDD): day and month swapped, one digit of them, or the last digit of the year
create or replace macro day_slip(a, b) as
    case
        when substr(a, 1, 4) = substr(b, 1, 4)
            then substr(a, 5, 4) = substr(b, 7, 2) || substr(b, 5, 2) or hamming(substr(a, 5, 4), substr(b, 5, 4)) = 1
        else substr(a, 5, 4) = substr(b, 5, 4) and substr(a, 1, 3) = substr(b, 1, 3)
    end;
